// A machine profile as data: what the hardware costs. Every number of a shipped profile names its source.

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
  /** The scheduler tick: a running task gives way to the next one at it. */
  readonly tickNs: number;
  /** A write to the coordinator's register, answered. */
  readonly registerNs: number;
  /** Where each number comes from. */
  readonly sources: Readonly<Record<string, string>>;
}
