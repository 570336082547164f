// A workload as data: what the tasks of the simulated machine do with their time, recorded from a real program or written by hand.
import type { Distribution } from "./distribution.ts";

/** One kind of system call in a workload's mix. */
export interface SystemCall {
  /** The name as strace prints it (`read`, `epoll_wait`); the call graph (`kernel/callGraph.ts`) gives its kernel functions. */
  readonly name: string;
  /** How often it is made, relative to the other calls of the mix. */
  readonly weight: number;
  /** Time on CPU inside the kernel, sleeps not counted. */
  readonly cpuNs: Distribution;
  /** Where the call may block: with `probability` it sleeps once, at the deepest point of its path. */
  readonly sleep?: {
    readonly probability: number;
    readonly kind: "interruptible" | "uninterruptible";
    readonly ns: Distribution;
  };
  /** After a fake signal: restarted by the kernel, or failed with EINTR (signal(7)). */
  readonly restarts: boolean;
}

/** A kernel thread: it sleeps at its safe point, wakes, works, and comes back to its safe point. */
export interface KernelThread {
  readonly name: string;
  /** How many of them each CPU has. */
  readonly perCpu: number;
  /** Time asleep at the safe point between two pieces of work. */
  readonly idleNs: Distribution;
  /** Time on CPU from leaving the safe point to coming back to it. */
  readonly workNs: Distribution;
}

/** What runs on every CPU of the machine. */
export interface Workload {
  readonly schema: "quiesce.workload/1";
  readonly name: string;
  readonly title: string;
  /** Where the numbers come from: program, command lines, date, and how the tracer's overhead was taken out. */
  readonly source: string;
  /** User tasks on each CPU unless `--tasks-per-cpu` says otherwise. */
  readonly tasksPerCpu: number;
  /** Time on CPU in user mode between two system calls. */
  readonly userNs: Distribution;
  readonly calls: readonly SystemCall[];
  readonly kthreads: readonly KernelThread[];
  /** Interrupts and the sections with interrupts off that they are, not counting those of the patch: how often and how long. */
  readonly irqsOff: { readonly perSecond: number; readonly ns: Distribution };
  /** NMIs that run through patched functions, on each CPU: a profiler's, say. */
  readonly nmis: { readonly perSecond: number };
  /** Function calls on another CPU with wait (TLB shootdowns and the like), per CPU. */
  readonly crossCalls: { readonly perSecond: number };
}
