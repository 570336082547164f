// A consistency model as data: two axes, and the policies of the system that it stands for. Protocol code branches on these, never
// on a name. The axes are Vojtech Pavlik's (7 Nov 2014, message 20141107140458.GA21774@suse.cz).
import type { UserMode } from "../kernel/hold.ts";

/** When may it switch, weakest to strongest. */
export type Leave = "function" | "patched-set" | "kernel";
/** What switches as one, weakest to strongest. */
export type Switch = "function" | "task" | "kernel";

export interface Gather {
  /** What becomes of a task in user mode: stopped at once, or left to compute until it wants to enter the kernel. */
  readonly userMode: UserMode;
  /** 2: sleepers are gathered first while the rest goes on (LKML 1502.2/03905). */
  readonly passes: 1 | 2;
}

export interface Model {
  readonly name: string;
  readonly title: string;
  readonly leave: Leave;
  readonly switch: Switch;
  /** How tasks are brought out before the stop; null where the model checks and gives up instead. */
  readonly gather: Gather | null;
  /** From opening an epoch to its decision: then it is aborted. */
  readonly limitNs: number;
  /** How long a CPU that has not voted stays held. More than `limitNs`, so that only a lost coordinator trips it. */
  readonly holdLimitNs: number;
  /** Epochs tried before giving up, and the pause between them. */
  readonly attempts: number;
  readonly retryNs: number;
  /** Where the policy comes from. */
  readonly source: string;
}
