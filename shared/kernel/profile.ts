// A machine profile as data: what the hardware costs. Every number of a shipped profile names its source.
import type { ReaderRates } from "./rules.ts";

export interface Profile {
  readonly schema: "quiesce.profile/1";
  readonly name: string;
  readonly title: string;
  /** CPUs that share a socket: an IPI inside one takes `ipiNs.near`, between two `ipiNs.far`. */
  readonly cpusPerSocket: number;
  /** IPI from send to handler, one way, with an exponential tail of mean `jitter` on top. */
  readonly ipiNs: { readonly near: number; readonly far: number; readonly jitter: number };
  /** What the sender pays for each further target of a broadcast. */
  readonly sendNs: number;
  /** Waking the stopper thread and switching to it. */
  readonly stopperWakeNs: number;
  /** Rewriting the text, per function replaced. */
  readonly writeNs: number;
  /** Checking one task's stack. */
  readonly stackCheckNs: number;
  /**
   * How often a stack reader errs, as probabilities: an unwind stops short (`fails`), a frame is left out unnoticed (`misses`, per frame),
   * a function that has returned is still there as a word (`stale`, per function).
   */
  readonly stackReader: ReaderRates;
  /** The scheduler tick: a running task gives way to the next one at it. */
  readonly tickNs: number;
  /** Cores of a host that the CPUs of this machine have to share, as virtual CPUs do, and how long each turn on one lasts. 0: one each. */
  readonly hostCores: number;
  readonly hostSliceNs: number;
  /** A write to the coordinator's register, answered. */
  readonly registerNs: number;
  /** Where each number comes from. */
  readonly sources: Readonly<Record<string, string>>;
}
