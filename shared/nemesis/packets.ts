// Which packets a fault is about, and how many of them: `10% of stop to cpu 3-5 during disable-irq`, `2nd ack from cpu 7`.
import type { Actor } from "../machine/machine.ts";
import { type Random, uniform } from "../machine/random.ts";
import { type MessageKind, messageKinds, type Phase } from "../protocol/messages.ts";
import { isNumberNext, isOf, type Party, printParty, takeParty, takePhase } from "./actors.ts";
import { type Fate, type Packet, pass, type Rule } from "./packet.ts";
import { peek, type Reader, take, takeClauses, takeOneOf } from "./reader.ts";
import { ordinalOf, percentOf, printOrdinal } from "./units.ts";
import { isWithin, printWindow, takeWindow, type Window } from "./window.ts";

/** Each selected packet by the toss of a coin, or one of them by its number. A percentage has six decimals at most, to be printed whole. */
type Share = { readonly percent: number } | { readonly nth: number };

/** What is absent does not matter; without a share every selected packet is meant. */
export interface Packets {
  readonly share?: Share;
  readonly kind: MessageKind | "any";
  readonly from?: Party;
  readonly to?: Party;
  readonly during?: Phase;
  /** When they are sent. */
  readonly window?: Window;
}

type Narrowed = Omit<Packets, "share" | "kind">;

/** The clauses that narrow down which packets are meant. */
export const packetClauses = {
  from: (reader: Reader): Partial<Narrowed> => (isNumberNext(reader) ? takeWindow(reader) : { from: takeParty(reader) }),
  to: (reader: Reader): Partial<Narrowed> => ({ to: takeParty(reader) }),
  during: (reader: Reader): Partial<Narrowed> => ({ during: takePhase(reader) }),
};

const shareOf = (word: string): Share | undefined => {
  const percent = percentOf(word);
  if (percent !== undefined) return { percent };
  const nth = ordinalOf(word);
  return nth === undefined ? undefined : { nth };
};

export const takeKindName = (reader: Reader): Packets["kind"] => takeOneOf(reader, "message kind", [...messageKinds, "any"]);

/** Reads `[SHARE] KIND`: how many of which. `short`: after a share `of any` may be left out. */
export const takeKind = (reader: Reader, short = false): Pick<Packets, "share" | "kind"> => {
  const share = isNumberNext(reader) ? take(reader, "a share from 0% to 100% or an ordinal (like 10% or 2nd)", shareOf) : undefined;
  if (share !== undefined && "percent" in share) {
    if (short && peek(reader).text !== "of") return { share, kind: "any" };
    takeOneOf(reader, "word", ["of"]);
  }
  return { ...(share !== undefined && { share }), kind: takeKindName(reader) };
};

/** Reads `[SHARE] KIND` and the clauses to the end of the text. */
export const takePackets = (reader: Reader): Packets => ({ ...takeKind(reader), ...takeClauses<Packets>(reader, packetClauses) });

const printKind = ({ share, kind }: Packets, short: boolean): string => {
  if (share === undefined) return kind;
  if ("nth" in share) return `${printOrdinal(share.nth)} ${kind}`;
  return short && kind === "any" ? `${share.percent}%` : `${share.percent}% of ${kind}`;
};

/** The canonical form: the share, the kind, then the clauses in one order. */
export const printPackets = (packets: Packets, short = false): string => {
  const { from, to, during, window } = packets;
  const words = [printKind(packets, short)];
  if (from !== undefined) words.push(`from ${printParty(from)}`);
  if (to !== undefined) words.push(`to ${printParty(to)}`);
  if (during !== undefined) words.push(`during ${during}`);
  return `${words.join(" ")}${printWindow(window)}`;
};

export const selects = ({ kind, from, to, during, window }: Packets, packet: Packet): boolean =>
  (kind === "any" || kind === packet.kind) &&
  (during === undefined || during === packet.phase) &&
  (from === undefined || isOf(from, packet.from)) &&
  (to === undefined || isOf(to, packet.to)) &&
  isWithin(window, packet.at);

/** `uniform` is at least 0 and below 1, so that 100% is always, exactly. */
export const happens = (percent: number, random: Random): boolean => uniform(random) * 100 < percent;

/** Lets the n-th packet to each receiver meet `fate`. */
const onlyNth = (nth: number, fate: () => Fate): ((packet: Packet) => Fate) => {
  const sent = new Map<Actor, number>();
  return ({ to }) => {
    const count = (sent.get(to) ?? 0) + 1;
    sent.set(to, count);
    return count === nth ? fate() : pass;
  };
};

/**
 * The rule that lets the meant packets meet `fate`.
 *
 * Numbers count per sender and receiver, over what the rule selects: `2nd stop to cpu 3-5` is the second stop that a coordinator
 * life sends to CPU 3, the second to CPU 4 and the second to CPU 5. So a number means the same in whatever order a broadcast
 * goes out, and each sender can count by itself. Resends count as packets; a further coordinator life counts from one again.
 */
export const packetRule = (packets: Packets, fate: (random: Random) => Fate): Rule => ({
  selects: (packet) => selects(packets, packet),
  forSender: (random) => {
    const { share } = packets;
    if (share === undefined) return () => fate(random);
    if ("nth" in share) return onlyNth(share.nth, () => fate(random));
    return () => (happens(share.percent, random) ? fate(random) : pass);
  },
});
