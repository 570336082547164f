// Packets are held back for a little while, so that others overtake them.
import { type Packets, packetClauses, packetRule, printPackets, takeKind } from "../packets.ts";
import { need, takeClauses } from "../reader.ts";
import { drawFrom, printDuration, takeSomeTime } from "../units.ts";
import type { PacketWord } from "../word.ts";

export interface Reorder extends Packets {
  readonly fault: "reorder";
  /** At most so long: whatever leaves for the same receiver meanwhile overtakes the packet. */
  readonly withinNs: number;
}

export const reorder: PacketWord<Reorder> = {
  help: "packets are held back for up to the time given, so that later ones overtake them",
  example: "reorder 10% within 50us",
  read: (reader) => {
    const kind = takeKind(reader, true);
    const given = takeClauses<Reorder>(reader, { ...packetClauses, within: (rest) => ({ withinNs: takeSomeTime(rest) }) });
    return { fault: "reorder", ...kind, ...given, withinNs: need(reader, given.withinNs, '"within DURATION"') };
  },
  print: (fault) => `reorder ${printPackets(fault, true)} within ${printDuration(fault.withinNs)}`,
  rule: (fault) => packetRule(fault, (random) => ({ kind: "delayed", ns: drawFrom({ lowNs: 1, highNs: fault.withinNs }, random) })),
};
