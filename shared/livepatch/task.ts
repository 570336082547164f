// A task as a script places it: what kind it is, what it does, and which functions that a patch may change are on its stack.
import type { Code } from "./functions.ts";

export interface Task {
  readonly pid: number;
  readonly name: string;
  readonly kind: "idle" | "kthread" | "user";
  /** The system call that it makes without pause; null for a task that sleeps, or idles. */
  readonly loops: string | null;
  /** The version that its calls resolve to. */
  version: number;
  /** The functions that it sleeps in, innermost last. */
  readonly stack: Code[];
}
