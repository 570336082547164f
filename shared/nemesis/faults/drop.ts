// Packets get lost.
import { lost } from "../packet.ts";
import { type Packets, packetRule, printPackets, takePackets } from "../packets.ts";
import type { PacketWord } from "../word.ts";

export interface Drop extends Packets {
  readonly fault: "drop";
}

export const drop: PacketWord<Drop> = {
  help: "packets get lost",
  example: "drop 10% of stop to cpu 3-5 during disable-irq",
  read: (reader) => ({ fault: "drop", ...takePackets(reader) }),
  print: (fault) => `drop ${printPackets(fault)}`,
  rule: (fault) => packetRule(fault, () => lost),
};
