// A machine profile as data: what the hardware costs. Every number of a shipped profile names its source.
import type { ReaderRates } from "./rules.ts";

/** What one process needs to take up a message: a part for the message, and a part for each packet in it. */
export interface TakingUp {
  readonly messageNs: number;
  readonly packetNs: number;
}

/** A machine made of processes that take up one message after the other. */
export interface ProcessCosts {
  /** Cores that the processes and the messages between them share: each core does one thing at a time. */
  readonly cores: number;
  /** Carrying one message from process to process, on top of what `ipiNs` says. */
  readonly carryNs: number;
  /** A process of CPUs: a packet is what one of its CPUs is told. */
  readonly host: TakingUp;
  /** A packet is what one CPU says. */
  readonly coordinator: TakingUp;
  /** What the coordinator needs until what it asks leaves, however many processes it asks. */
  readonly askNs: number;
}

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
  /** What whoever is told something needs until it has taken that up; it takes up one packet after the other. 0: as soon as it is there. */
  readonly receiveNs: number;
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
  /** Where the CPUs of a socket are one process, as live ones are. Absent: real CPUs, which take up a message as soon as it is there. */
  readonly processes?: ProcessCosts;
  /** Where each number comes from. */
  readonly sources: Readonly<Record<string, string>>;
}
