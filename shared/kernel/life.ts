// What a CPU does between two inputs, behind one small interface: tasks in user mode, in the kernel, asleep, held.
import type { Random } from "../machine/random.ts";
import type { RequestCounts } from "./requests/requests.ts";

/** The last four are said of stack checks and switches of single tasks. */
export type WhyBlocked =
  | "in the kernel"
  | "uninterruptible sleep"
  | "on its way out"
  | "not at a safe point"
  | "waiting for another CPU"
  | "patched function on its stack"
  | "stack not reliable"
  | "running"
  | "NMI in a patched function";

/** A task that keeps its CPU from leaving the kernel: what blame reports name. */
export interface Blocker {
  /** `nginx-2`, `kworker-0`: the task's name on its CPU. */
  readonly task: string;
  /** The innermost kernel function on its stack. */
  readonly function: string;
  readonly why: WhyBlocked;
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
  /** Tasks that truly have a function of the patch set on their stack, whatever a stack reader says; forced functions apart. */
  readonly onStack: number;
  /** Under a load: what has become of the requests that came in this life. */
  readonly requests?: RequestCounts;
  /** Time that user tasks were kept from running, added up over tasks and operations: held at the boundary, or stopped while runnable. */
  readonly heldNs: number;
}

/** A call that was under way while its CPU or task changed versions. */
export interface Straddle {
  readonly task: string;
  /** A function of the patch set that was on its stack (forced ones apart), or null if only functions that the patch leaves alone were. */
  readonly patched: string | null;
}

/** Where an operation goes, and where it came from. */
export interface Course {
  /** The version that every task, or function, is to switch to. */
  readonly target: number;
  /** The version in force while the operation is open: what everyone was on when it began. Whoever was born since is on another. */
  readonly from: number;
}

/** What a round of a transition asks of the tasks of one CPU. */
export interface Aim extends Course {
  /** The batch of functions whose frames matter; null: the whole patch set. */
  readonly batch: number | null;
  /** Stacks are looked at (leave = patched set). Without it tasks only switch as they go. */
  readonly looks: boolean;
  /** This CPU runs the transition's code: its idle task is not running meanwhile. */
  readonly caller: boolean;
  /** Sleepers that have not switched get a fake signal, kernel threads are woken. */
  readonly signals: boolean;
  /** Everyone switches now, whatever is on the stack. */
  readonly forces: boolean;
}

/** What came of one epoch's switches on one CPU so far: grows until the epoch is left. */
export interface Switches {
  /** Tasks that have switched, how many of them with kernel frames in use, how many because they were forced. */
  readonly count: number;
  readonly inKernel: number;
  readonly forced: number;
  /** When the first and the last one switched; null while none has. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /**
   * The first few that switched with an outgoing function truly on their stack, and how many there were. Functions that the patch marks
   * as forced and tasks that were forced apart. Where functions switch by themselves a task counts for each batch that caught it.
   */
  readonly onStack: readonly Straddle[];
  readonly onStackCount: number;
  /** Kernel entries whose calls of patched functions ran both versions. */
  readonly mixed: number;
  /** How many of them without their own task having switched in the middle of them. Where functions switch by themselves: all of them. */
  readonly unexplained: number;
  /**
   * When patched functions, in tasks or in interrupt handlers, last ran in the outgoing version (also while that is being returned to), and first in the incoming one; null
   * if they did not. To a time slice; over a gap that was leapt over as the average of the workload has it.
   */
  readonly outgoingUntil: number | null;
  readonly incomingFrom: number | null;
  /** Where a flag of the CPU says what interrupt handlers run: the version that it says, and how often it has changed; else null. */
  readonly flag: Flag | null;
}

/** Nothing has come of an epoch yet. */
export const noSwitches: Switches = {
  count: 0,
  inKernel: 0,
  forced: 0,
  firstAt: null,
  lastAt: null,
  onStack: [],
  onStackCount: 0,
  mixed: 0,
  unexplained: 0,
  outgoingUntil: null,
  incomingFrom: null,
  flag: null,
};

export interface Flag {
  readonly version: number;
  readonly turns: number;
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
  readonly boot: (random: Random, at: number, version: number, cpu: number) => L;
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
  /**
   * Every task that breaks the model's leave condition. LEAVE_KERNEL: not out of the kernel or at a safe point. LEAVE_PATCHED_SET: a
   * function of the patch set on its stack, as far as the model's stack reader can tell. LEAVE_FUNCTION: nobody ever does.
   */
  readonly busy: (life: L) => readonly Blocker[];
  /** From now on each task that is not on the target switches where the model lets it; those that can do so now, do. */
  readonly aim: (life: L, aim: Aim) => void;
  /** Tasks that have not switched yet, and why not; the idle task is `swapper`. */
  readonly pending: (life: L) => readonly Blocker[];
  /** The functions of a batch resolve to the target from here on, for every task (switch = function). */
  readonly redirect: (life: L, batch: number, course: Course) => void;
  readonly switches: (life: L) => Switches;
  /** The operation is over: everyone is on `version`, and nothing is counted any more. */
  readonly settle: (life: L, version: number) => void;
  readonly census: (life: L) => Census;
}
