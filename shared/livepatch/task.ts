// A task that a script has placed on a CPU: who it is, and what the CPU's life knows of it.
import type { Task as Body } from "../kernel/task.ts";
import type { Code } from "./functions.ts";

/** What a task is there for. It sleeps in this function, or makes this system call without pause; with neither it waits for work. */
export interface Placement {
  readonly name: string;
  readonly kind: "kthread" | "user";
  readonly sleepsIn?: Code;
  readonly loops?: string;
}

export interface Task extends Placement {
  readonly pid: number;
  readonly cpu: number;
  readonly body: Body;
}
