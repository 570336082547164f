// Who says what to whom: the simulated IPIs, and the one record that outlives a coordinator. Rules: docs/protocol.md.
import type { CpuSet } from "../machine/cpuSet.ts";

/** Orders everything that a coordinator says: a life of it, an attempt, what is asked within the attempt. */
export interface Stamp {
  readonly term: number;
  readonly epoch: number;
  readonly round: number;
}

export type Outcome = "committed" | "aborted";

/** What a round of a stop asks. It never changes within the round. */
export type StopAsk =
  | { readonly do: "gather"; readonly pass: "sleepers" | "all" }
  | { readonly do: "prepare" }
  | { readonly do: "disable-irq" }
  | { readonly do: "run"; readonly active: number }
  | { readonly do: "exit"; readonly outcome: Outcome; readonly version: number };

/** The phases of a stop by name, in order; what fault rules and reports speak of. */
export type Phase = StopAsk["do"];
export const phases: readonly Phase[] = ["gather", "prepare", "disable-irq", "run", "exit"];

/** A task that may not leave yet, and the function that it is in. */
export interface Busy {
  readonly task: string;
  readonly function: string;
}

/** What an ack reports: done; the active CPU wrote the text; the vote. */
export type Report =
  | { readonly kind: "done" }
  | { readonly kind: "wrote" }
  | { readonly kind: "clear" }
  | { readonly kind: "busy"; readonly busy: readonly Busy[] };

export interface Stop extends Stamp {
  readonly kind: "stop";
  readonly ask: StopAsk;
}

/** Answers a `hello`, once the register knows the incarnation. */
export interface Welcome {
  readonly kind: "welcome";
  readonly term: number;
  readonly epoch: number;
  readonly cpu: number;
  readonly incarnation: number;
  readonly version: number;
}

export interface Ack extends Stamp {
  readonly kind: "ack";
  readonly cpu: number;
  readonly incarnation: number;
  readonly report: Report;
}

/** "I was held too long and let my tasks go: count me out of this epoch." */
export interface Withdraw {
  readonly kind: "withdraw";
  readonly term: number;
  readonly epoch: number;
  readonly cpu: number;
  readonly incarnation: number;
}

export interface Hello {
  readonly kind: "hello";
  readonly cpu: number;
  readonly incarnation: number;
}

/** A function call on another CPU with wait; `incarnation` is the caller's, so that its ids are its own. */
export interface Call {
  readonly kind: "call";
  readonly id: number;
  readonly incarnation: number;
}

export interface CallDone {
  readonly kind: "call-done";
  readonly id: number;
  readonly incarnation: number;
}

export type ToCpu = Stop | Welcome | Call | CallDone;
export type ToCoordinator = Ack | Withdraw | Hello;
export type Message = ToCpu | ToCoordinator;
export type MessageKind = Message["kind"];
export const messageKinds: readonly MessageKind[] = ["stop", "welcome", "ack", "withdraw", "hello", "call", "call-done"];

export type Operation = "patch" | "unpatch";

/** All that must outlive a coordinator. Written only by compare-and-set on its revision. */
export interface Register {
  readonly term: number;
  /** The coordinator life that holds the term: two that propose the same term must be able to tell who won. */
  readonly holder: number;
  readonly epoch: number;
  readonly state: "open" | "commit" | "abort" | "done";
  /** How the epoch was decided; kept in `done`. */
  readonly outcome: Outcome | null;
  readonly operation: Operation;
  readonly patch: string;
  /** How many operations of the run's list have been committed, so that a new coordinator knows what is left to do. */
  readonly step: number;
  /** How many epochs of the current operation have been opened. */
  readonly attempt: number;
  /** The version in force: of the last commit. */
  readonly version: number;
  /** The version that a commit of this epoch brings. */
  readonly target: number;
  /** Admitted CPUs; while a stop is open, its participants. */
  readonly participants: CpuSet;
  /** The admitted incarnation of each CPU where that is above 1, ascending by CPU. */
  readonly incarnations: ReadonlyArray<readonly [cpu: number, incarnation: number]>;
}
