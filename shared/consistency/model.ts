// A consistency model as data: two axes, and the policies of the system that it stands for. Protocol code branches on these, never
// on a name. The axes are Vojtech Pavlik's (7 Nov 2014, message 20141107140458.GA21774@suse.cz).
import type { UserMode } from "../kernel/hold.ts";

/** When may it switch, weakest to strongest. */
export type Leave = "function" | "patched-set" | "kernel";
/** What switches as one, weakest to strongest. */
export type Switch = "function" | "task" | "kernel";

/** How tasks are brought out of the kernel before a stop. */
export interface Gather {
  /** What becomes of a task in user mode: stopped at once, or left to compute until it wants to enter the kernel. */
  readonly userMode: UserMode;
  /** 2: sleepers are gathered first while the rest goes on (LKML 1502.2/03905). */
  readonly passes: 1 | 2;
}

/** How a CPU learns what is on a stack. `reliable` says when it cannot tell; the others take what they find for all there is. */
export type StackReader = "reliable" | "best-effort" | "words";

/** Policies of LEAVE_PATCHED_SET: how stacks are checked for functions of the patch set. */
export interface StackCheck {
  readonly reader: StackReader;
  /**
   * One CPU walks every task of the machine, or each its own. In a stop the others spin meanwhile; in a transition it is the first look
   * that is made so, and later ones cost each CPU the tasks that it has left.
   */
  readonly walk: "serial" | "parallel";
  /** Functions that the patch marks as forced are passed over. */
  readonly forced: boolean;
  /** An NMI that enters a patched function while the update is being prepared makes the vote busy. */
  readonly nmiVeto: boolean;
}

/** Policies of SWITCH_TASK and SWITCH_FUNCTION: how tasks are brought over one by one. */
export interface Gradual {
  /** From a failed check to the next. */
  readonly checkNs: number;
  /** Checks fall on a grid of whole `checkNs`: a delay is rounded down to it if less than a quarter over, else up. */
  readonly onGrid: boolean;
  /** Fake signals at each so-manyth failed check; 0: never. */
  readonly signalEvery: number;
  /** Idle tasks are to switch too, each when its idle loop passes. */
  readonly idle: boolean;
  /** A task in user mode crosses the boundary at its next tick too, and not only when it enters the kernel. */
  readonly tick: boolean;
  /** Kernel threads are woken at the start, so that they pass their safe point. */
  readonly wakes: boolean;
  /** A task that runs in the kernel checks its own stack when it offers to reschedule (cond_resched). */
  readonly condResched: boolean;
  /**
   * Whose version interrupt handlers run: that of the task that they interrupted, or that of a flag of their CPU, which changes when
   * tasks are first asked to. Where functions switch by themselves they run what each function is.
   */
  readonly interrupts: "task" | "cpu";
  readonly reversible: boolean;
  /** When all have switched, redirections are made unconditional by another batch of pokes. */
  readonly pokesAtEnd: boolean;
  /** An empty work item runs on every CPU before the end, so that no handler is left in the middle. */
  readonly sync: boolean;
}

/** What to do with an epoch that has reached its limit. */
export type OnLimit = "abort" | "reverse" | "force";

/** A way to patch: its cell of the grid, its policies, its limits. */
export interface Model {
  readonly name: string;
  readonly title: string;
  readonly leave: Leave;
  readonly switch: Switch;
  /** How tasks are brought out before the stop; null where the model checks and gives up instead. */
  readonly gather: Gather | null;
  /** Null where no stack is looked at. */
  readonly check: StackCheck | null;
  /** Null where the whole kernel switches at once. */
  readonly gradual: Gradual | null;
  /** From opening an epoch to `onLimit`; null: no limit. */
  readonly limitNs: number | null;
  readonly onLimit: OnLimit;
  /**
   * How long a CPU that has not voted stays held. More than `limitNs`, so that only a lost coordinator trips it. Of a model that makes no
   * stop nothing is ever held, and nobody asks.
   */
  readonly holdLimitNs: number;
  /** Epochs tried before giving up, and the pause between them. */
  readonly attempts: number;
  readonly retryNs: number;
  /** Where the policy comes from. */
  readonly source: string;
}
