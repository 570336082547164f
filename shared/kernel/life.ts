// What a CPU does between two inputs, behind one small interface: tasks in user mode, in the kernel, asleep, held.
import type { Random } from "../machine/random.ts";

/** A task that keeps its CPU from leaving the kernel: what blame reports name. */
export interface Blocker {
  /** `nginx-2`, `kworker-0`: the task's name on its CPU. */
  readonly task: string;
  /** The innermost kernel function on its stack. */
  readonly function: string;
  readonly why: "in the kernel" | "uninterruptible sleep" | "on its way out" | "not at a safe point" | "waiting for another CPU";
}

/** Where the tasks of a CPU are: counted from the tasks themselves, not from what the protocol believes. */
export interface Census {
  /** User tasks in the kernel, running, runnable or asleep there. */
  readonly inKernel: number;
  /** Kernel threads that are not at a safe point. */
  readonly unsafe: number;
  /** Tasks that are held at the boundary or at a safe point. */
  readonly held: number;
  /** Task steps taken since the CPU came up: equal twice, and nothing moved in between. */
  readonly steps: number;
  /** Kernel entries made since the CPU came up. */
  readonly entries: number;
  /** The version that calls resolve to. */
  readonly version: number;
  /** System calls that a fake signal made fail with EINTR. */
  readonly interrupted: number;
}

/** A call that was under way while its CPU changed versions. */
export interface Straddle {
  readonly task: string;
  /** A function of the patch set that was on its stack, or null if only functions that the patch leaves alone were. */
  readonly patched: string | null;
}

/** How a gather will end if nothing comes between. */
export interface Outlook {
  /** When the last one is held: now, later, or Infinity if never. */
  readonly heldAt: number;
  /** The task that will be held last, as it is now; undefined if all are held already. */
  readonly last: Blocker | undefined;
}

/** Whom `hold` catches. `sleepers`: interruptible sleepers only, while the rest goes on. */
export type Pass = "sleepers" | "all";

/**
 * The life of one CPU. `L` is plain data and is updated in place. Times are absolute ns of the engine's clock; a life is
 * advanced only when somebody looks, so its cost grows with messages and not with simulated system calls.
 */
export interface Life<L> {
  /** Fresh tasks in the middle of their work at `at`, on `version`. */
  readonly boot: (random: Random, at: number, version: number) => L;
  /** Runs the CPU forward to `to`. Going back is an error. */
  readonly advance: (life: L, to: number) => void;
  /** From now on tasks are held where they cross the kernel boundary or reach a safe point; sleepers get a fake signal. */
  readonly hold: (life: L, pass: Pass) => void;
  /** When every task that is to be held will be, and who will be the last. */
  readonly outlook: (life: L) => Outlook;
  /** The stopper takes the CPU: no task moves until `release`. */
  readonly freeze: (life: L) => void;
  /** Lets every task go on, on `version`; names the calls that were under way across a change of version. */
  readonly release: (life: L, version: number) => readonly Straddle[];
  /** The running task waits in the kernel for another CPU and nothing else runs (true), or no longer does (false). */
  readonly spin: (life: L, spinning: boolean) => void;
  /** From when on the CPU takes interrupts: now, or the end of a section with interrupts off. */
  readonly interruptsOnAt: (life: L, at: number) => number;
  /** Every task that is not out of the kernel or at a safe point: empty is the leave condition LEAVE_KERNEL. */
  readonly busy: (life: L) => readonly Blocker[];
  readonly census: (life: L) => Census;
}
