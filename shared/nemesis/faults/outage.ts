// The network is gone for a while: whatever anybody says gets lost.
//
// Live, the NATS server of the run gets SIGKILL as it begins and is started again, so that the register is gone too.
import { lost } from "../packet.ts";
import { need, takeClauses } from "../reader.ts";
import { isWithin, printWindow, type Window, windowClauses } from "../window.ts";
import type { PacketWord } from "../word.ts";

export interface Outage {
  readonly fault: "outage";
  readonly window: Window;
}

export const outage: PacketWord<Outage> = {
  help: "all packets of a while get lost; live, the NATS server is also killed as it begins, and started again",
  example: "outage from 800ms for 5ms",
  read: (reader) => ({ fault: "outage", window: need(reader, takeClauses<Outage>(reader, windowClauses).window, '"from TIME"') }),
  print: ({ window }) => `outage${printWindow(window)}`,
  rule: ({ window }) => ({ selects: ({ at }) => isWithin(window, at), forSender: () => () => lost }),
};
