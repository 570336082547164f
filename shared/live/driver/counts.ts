// What the processes of a run counted, added up.
import { allRefused } from "../../journal/refused.ts";
import { addCounts, type FaultCount } from "../../nemesis/plan.ts";
import { noPackets, type PacketCounts } from "../../protocol/observer.ts";
import type { ProcessCounts } from "../process/control.ts";

/** `hits` are the faults that the driver counted itself. */
export const sumOf = (all: readonly ProcessCounts[], hits: readonly FaultCount[]): ProcessCounts => {
  const packets = noPackets();
  let faults = hits;
  let refused = 0;
  let unsent = 0;
  let reconnects = 0;
  let turns = 0;
  for (const count of all) {
    for (const key of Object.keys(packets) as Array<keyof PacketCounts>) packets[key] += count.packets[key];
    faults = addCounts(faults, count.faults);
    refused += count.refused;
    unsent += count.unsent;
    reconnects += count.reconnects;
    turns += count.turns;
  }
  return { packets, faults, refused, refusals: allRefused(all.map(({ refusals }) => refusals)), unsent, reconnects, turns };
};
