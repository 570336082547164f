// What a lasting fault is at work: it puts off or stretches what its actors do, as long as it lasts.
import type { Profile } from "../kernel/profile.ts";
import type { Actor } from "../machine/machine.ts";
import type { Party } from "./actors.ts";
import type { Window } from "./window.ts";

/** What every fault has that lasts. */
export interface Lasting {
  readonly actor: Party;
  /** Without it, as long as the run. */
  readonly window?: Window;
}

/** What the machine's profile says of costs that no machine of the protocol asks for. */
export interface Costs {
  /** Taking up a packet. */
  readonly takeNs: number;
}

/** What an IPI inside a socket takes from send to handler stands for the receiver's part in it, of which no figure was found. */
export const costsOf = ({ ipiNs }: Profile): Costs => ({ takeNs: ipiNs.near });

/** Whatever is absent is left as it is. `at` is the engine's clock in ns. */
export interface Effect {
  /** When the actor takes up a packet that reaches it at `at`: then or later, and never before one that came earlier. */
  readonly takenAt?: (actor: Actor, at: number) => number;
  /** How long the actor works on a packet, from `at` on, that would take it `ns`. */
  readonly workNs?: (actor: Actor, at: number, ns: number) => number;
  /** After how long a timer comes that the actor sets for `ns`. */
  readonly timerNs?: (ns: number) => number;
}
