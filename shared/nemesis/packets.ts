// Which packets a fault is about, and how many of them: `10% of stop to cpu 3-5 during disable-irq`, `2nd ack from cpu 7`.
import type { Actor } from "../machine/machine.ts";
import { type Random, uniform } from "../machine/random.ts";
import { type MessageKind, messageKinds, type Phase } from "../protocol/messages.ts";
import { isNumberNext, isOf, type Party, printParty, takeParty, takePhase } from "./actors.ts";
import { type Fate, type Packet, pass, type Rule } from "./packet.ts";
import { peek, type Reader, take, takeClauses, takeOneOf } from "./reader.ts";
import { ordinalOf, percentOf, printDuration, printOrdinal, takeDuration } from "./units.ts";

/** Each selected packet by the toss of a coin, or one of them by its number. A percentage has six decimals at most, to be printed whole. */
type Share = { readonly percent: number } | { readonly nth: number };

/** What is absent does not matter; without a share every selected packet is meant. */
export interface Packets {
  readonly share?: Share;
  readonly kind: MessageKind | "any";
  readonly from?: Party;
  readonly to?: Party;
  readonly during?: Phase;
  /** Sent at `fromNs` or later and, with `forNs`, before `fromNs + forNs`. */
  readonly window?: { readonly fromNs: number; readonly forNs?: number };
}

const takeWindow = (reader: Reader): Partial<Packets> => {
  const fromNs = takeDuration(reader);
  if (peek(reader).text !== "for") return { window: { fromNs } };
  reader.next++;
  return { window: { fromNs, forNs: takeDuration(reader) } };
};

/** The clauses that narrow down which packets are meant. */
export const packetClauses = {
  from: (reader: Reader): Partial<Packets> => (isNumberNext(reader) ? takeWindow(reader) : { from: takeParty(reader) }),
  to: (reader: Reader): Partial<Packets> => ({ to: takeParty(reader) }),
  during: (reader: Reader): Partial<Packets> => ({ during: takePhase(reader) }),
};

const shareOf = (word: string): Share | undefined => {
  const percent = percentOf(word);
  if (percent !== undefined) return { percent };
  const nth = ordinalOf(word);
  return nth === undefined ? undefined : { nth };
};

/** Reads `[SHARE] KIND`: how many of which. */
export const takeKind = (reader: Reader): Pick<Packets, "share" | "kind"> => {
  const share = isNumberNext(reader) ? take(reader, "a share from 0% to 100% or an ordinal (like 10% or 2nd)", shareOf) : undefined;
  if (share !== undefined && "percent" in share) takeOneOf(reader, "word", ["of"]);
  const kind = takeOneOf(reader, "message kind", [...messageKinds, "any"]);
  return { ...(share !== undefined && { share }), kind };
};

/** Reads `[SHARE] KIND` and the clauses to the end of the text. */
export const takePackets = (reader: Reader): Packets => ({ ...takeKind(reader), ...takeClauses<Packets>(reader, packetClauses) });

/** The canonical form: the share, the kind, then the clauses in one order. */
export const printPackets = ({ share, kind, from, to, during, window }: Packets): string => {
  const words: string[] = [];
  if (share !== undefined) words.push("percent" in share ? `${share.percent}% of` : printOrdinal(share.nth));
  words.push(kind);
  if (from !== undefined) words.push(`from ${printParty(from)}`);
  if (to !== undefined) words.push(`to ${printParty(to)}`);
  if (during !== undefined) words.push(`during ${during}`);
  if (window !== undefined) words.push(`from ${printDuration(window.fromNs)}`);
  if (window?.forNs !== undefined) words.push(`for ${printDuration(window.forNs)}`);
  return words.join(" ");
};

const selects = ({ kind, from, to, during, window }: Packets, packet: Packet): boolean =>
  (kind === "any" || kind === packet.kind) &&
  (during === undefined || during === packet.phase) &&
  (from === undefined || isOf(from, packet.from)) &&
  (to === undefined || isOf(to, packet.to)) &&
  (window === undefined || (packet.at >= window.fromNs && packet.at < window.fromNs + (window.forNs ?? Number.POSITIVE_INFINITY)));

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
    // `uniform` is at least 0 and below 1, so that 0% is never and 100% always, exactly.
    return () => (uniform(random) * 100 < share.percent ? fate(random) : pass);
  },
});
