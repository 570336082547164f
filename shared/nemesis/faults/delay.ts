// Packets arrive late, and so perhaps after others that were sent after them.
import { pass } from "../packet.ts";
import { type Packets, packetRule, printPackets, takePackets } from "../packets.ts";
import { takeOneOf } from "../reader.ts";
import { drawFrom, printSpan, type Span, takeSpan } from "../units.ts";
import type { PacketWord } from "../word.ts";

export interface Delay extends Packets {
  readonly fault: "delay";
  readonly by: Span;
}

export const delay: PacketWord<Delay> = {
  help: "packets arrive later than they would",
  example: "delay 200us..1ms of ack from cpu 7",
  read: (reader) => {
    const by = takeSpan(reader);
    takeOneOf(reader, "word", ["of"]);
    return { fault: "delay", by, ...takePackets(reader) };
  },
  print: (fault) => `delay ${printSpan(fault.by)} of ${printPackets(fault)}`,
  rule: (fault) =>
    packetRule(fault, (random) => {
      const ns = drawFrom(fault.by, random);
      return ns === 0 ? pass : { kind: "delayed", ns };
    }),
};
