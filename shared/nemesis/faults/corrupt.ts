// Packets arrive damaged: their check sum tells, and they are refused and counted.
import { corrupted } from "../packet.ts";
import { type Packets, packetRule, printPackets, takePackets } from "../packets.ts";
import type { PacketWord } from "../word.ts";

export interface Corrupt extends Packets {
  readonly fault: "corrupt";
}

export const corrupt: PacketWord<Corrupt> = {
  help: "packets arrive damaged and are refused",
  example: "corrupt 1% of ack",
  read: (reader) => ({ fault: "corrupt", ...takePackets(reader) }),
  print: (fault) => `corrupt ${printPackets(fault)}`,
  rule: (fault) => packetRule(fault, () => corrupted),
};
