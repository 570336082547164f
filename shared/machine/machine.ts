// The one idea of this program: a machine is plain data and a pure step; engines decide what happens next.
//
// Start reading here. A machine never does anything itself. It is handed one `Input` at a time and answers with the
// `Output`s that it wants carried out. The same machines run in virtual time, under exhaustive exploration and live over
// NATS: the three engines differ only in who chooses the next input and who carries the outputs out.
import type { CpuSet } from "./cpuSet.ts";

/** Who speaks: CPU n is n; the k-th life of a coordinator is -1 - k. */
export type Actor = number;

/** The actor id of a coordinator's life (0, 1, 2, ...). */
export const coordinatorActor = (life: number): Actor => -1 - life;

/** The life of a coordinator by its actor id. */
export const lifeOf = (actor: Actor): number => -1 - actor;

/** True for the actor id of any coordinator life. */
export const isCoordinator = (actor: Actor): boolean => actor < 0;

/** The name of an actor as it is printed and journalled: `cpu3`, `coordinator0`. */
export const actorName = (actor: Actor): string => (isCoordinator(actor) ? `coordinator${-1 - actor}` : `cpu${actor}`);

/** Whom an output is for: a set of CPUs, or every coordinator that lives (a late one must hear of a newer term too). */
export type Destination = "coordinators" | CpuSet;

/** What comes in. `at` is the engine's clock in integer ns. */
export type Input<Msg, Timer, Record> =
  /** The first input of every life. A CPU's incarnation counts from 1; a coordinator's is its life, from 0. */
  | { readonly kind: "start"; readonly at: number; readonly incarnation: number }
  | { readonly kind: "deliver"; readonly at: number; readonly from: Actor; readonly msg: Msg }
  | { readonly kind: "timeout"; readonly at: number; readonly timer: Timer }
  /** The register as it stands now, in answer to a `propose`: won if it is what was proposed, else lost. */
  | { readonly kind: "register"; readonly at: number; readonly revision: number; readonly record: Record | null }
  /** Somebody who can know says that this life of a CPU has ended. Silence never says so. */
  | { readonly kind: "died"; readonly at: number; readonly cpu: number; readonly incarnation: number }
  /** A non-maskable interrupt hits this CPU, in a function that is to be patched. */
  | { readonly kind: "nmi"; readonly at: number };

/** What a machine asks for. */
export type Output<Msg, Timer, Record, Fact> =
  /** `afterNs`: the work that the sender does before the packet leaves (waking a stopper, writing text); 0 for none. */
  | { readonly kind: "send"; readonly to: Destination; readonly msg: Msg; readonly afterNs: number }
  /** Sets the one timer of this name, replacing the one that was armed. */
  | { readonly kind: "set-timer"; readonly timer: Timer; readonly afterNs: number }
  | { readonly kind: "cancel-timer"; readonly timer: Timer }
  | { readonly kind: "announce"; readonly fact: Fact }
  /** Compare-and-set: make `record` the register's value if its revision is still `revision`. -1 only reads. */
  | { readonly kind: "propose"; readonly revision: number; readonly record: Record | null };

/**
 * A machine. `step` consumes the state that it is given and may update it in place (an engine that needs the old one clones
 * first). Same state and same input give the same state and outputs, always: no clock, no I/O, no randomness that is not in
 * the state. An output never shares mutable memory with the state.
 */
export interface Machine<State, Msg, Timer extends string, Record, Fact> {
  /** Every timer that this machine may set; at most one of each is armed. */
  readonly timers: readonly Timer[];
  /** The state of a new life; the same machine serves every actor of its kind. */
  readonly init: (actor: Actor) => State;
  readonly step: (state: State, input: Input<Msg, Timer, Record>) => readonly [State, ReadonlyArray<Output<Msg, Timer, Record, Fact>>];
}
