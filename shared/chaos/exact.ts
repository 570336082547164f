// The packet faults of a run written out: one fault for each packet that one of them struck.
import { oneCpu } from "../machine/cpuSet.ts";
import { type Actor, isCoordinator } from "../machine/machine.ts";
import type { Party } from "../nemesis/actors.ts";
import { printFault } from "../nemesis/grammar.ts";
import { type Fault, isPacketFault } from "../nemesis/registry.ts";
import type { Carried } from "../virtual/network.ts";

const partyOf = (actor: Actor): Party => (isCoordinator(actor) ? "coordinator" : oneCpu(actor));

/** What befell the packet, as a fault of the n-th of its kind on its way; undefined if nothing did. */
const exactFault = ({ from, to, kind, fate }: Carried, nth: number): Fault | undefined => {
  const which = { share: { nth }, kind, from: partyOf(from), to: partyOf(to) };
  switch (fate.kind) {
    case "lost":
      return { fault: "drop", ...which };
    case "corrupted":
      return { fault: "corrupt", ...which };
    case "delayed":
      return { fault: "delay", by: { lowNs: fate.ns, highNs: fate.ns }, ...which };
    case "copied":
      return { fault: "duplicate", after: { lowNs: fate.ns, highNs: fate.ns }, ...which };
    case "pass":
      return undefined;
  }
};

/** The faults of the plan that strike no packets, then one for each packet of the run that was struck. */
export const exactFaults = (faults: readonly Fault[], packets: readonly Carried[]): readonly Fault[] => {
  const sent = new Map<string, number>();
  const exact = new Map<string, Fault>();
  for (const packet of packets) {
    const way = `${packet.from} ${packet.to} ${packet.kind}`;
    const nth = (sent.get(way) ?? 0) + 1;
    sent.set(way, nth);
    const fault = exactFault(packet, nth);
    // Each life of the coordinator counts from one again, and a fault that names it means all of them.
    if (fault !== undefined) exact.set(printFault(fault), fault);
  }
  return [...faults.filter((fault) => !isPacketFault(fault)), ...exact.values()];
};
