// Packets arrive twice.
import { type Packets, packetClauses, packetRule, printPackets, takeKind } from "../packets.ts";
import { takeClauses } from "../reader.ts";
import { drawFrom, printSpan, type Span, takeSpan } from "../units.ts";
import type { PacketWord } from "../word.ts";

export interface Duplicate extends Packets {
  readonly fault: "duplicate";
  /** How long after the first the copy arrives. */
  readonly after?: Span;
}

/** Longer than a round takes on a healthy machine, so that copies also come when the phase that they belong to is over. */
const usually: Span = { lowNs: 0, highNs: 100_000 };

export const duplicate: PacketWord<Duplicate> = {
  help: "packets arrive twice, the copy up to 100us after the first (or as `after 1ms..5ms` says)",
  example: "duplicate 5% of any",
  read: (reader) => ({
    fault: "duplicate",
    ...takeKind(reader),
    ...takeClauses<Duplicate>(reader, { ...packetClauses, after: (rest) => ({ after: takeSpan(rest) }) }),
  }),
  print: (fault) => `duplicate ${printPackets(fault)}${fault.after === undefined ? "" : ` after ${printSpan(fault.after)}`}`,
  rule: (fault) => packetRule(fault, (random) => ({ kind: "copied", ns: drawFrom(fault.after ?? usually, random) })),
};
