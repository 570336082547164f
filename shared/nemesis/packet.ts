// What a rule sees of a message on its way, and what it can do to it. Engines carry the fate out.
import type { Actor } from "../machine/machine.ts";
import type { Random } from "../machine/random.ts";
import type { MessageKind, Phase } from "../protocol/messages.ts";

/** One copy of a message for one receiver. A resend is a further packet. An engine may reuse the object for the next one. */
export interface Packet {
  readonly from: Actor;
  readonly to: Actor;
  readonly kind: MessageKind;
  /** The phase of the stop that the message belongs to; undefined of a message outside any (a `hello`, a `call`). */
  readonly phase: Phase | undefined;
  /** When it is sent. */
  readonly at: number;
}

export type Fate =
  | { readonly kind: "pass" }
  | { readonly kind: "lost" }
  /** Arrives damaged, is found out by its check sum, and so is lost. */
  | { readonly kind: "corrupted" }
  /** Arrives `ns` later than it would have. */
  | { readonly kind: "delayed"; readonly ns: number }
  /** Arrives as it would have, and once more `ns` after that. */
  | { readonly kind: "copied"; readonly ns: number };

export const pass: Fate = { kind: "pass" };
export const lost: Fate = { kind: "lost" };
export const corrupted: Fate = { kind: "corrupted" };

/** What a packet fault is at work: which packets it is about, and what it does to those of one sender. */
export interface Rule {
  readonly selects: (packet: Packet) => boolean;
  /** Made when the first packet of a sender is selected; whatever it remembers and draws is that sender's own. */
  readonly forSender: (random: Random) => (packet: Packet) => Fate;
}
