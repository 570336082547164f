// How long the messages of a run may be on their way: by its profile, and by the faults of its plan.
import type { Header } from "../journal/entry.ts";
import { planOf } from "../nemesis/plan.ts";
import type { Fault } from "../nemesis/registry.ts";
import type { Trips } from "./exchange.ts";

/** Over the bus a message takes well below this, unless the machine is drowned: then those that arrived tell. */
const liveLongestNs = 20_000_000;

/** So many times the mean of the tail: one in 10^13 takes longer. */
const tailFactor = 30;

type Costs = Header["setup"]["profile"];

/** What one packet may keep busy, on its way and where it is taken up, before the next one has its turn. */
const turnNs = ({ sendNs, receiveNs, processes }: Costs): number => {
  if (processes === undefined) return sendNs + receiveNs;
  const { carryNs, host, coordinator } = processes;
  return sendNs + receiveNs + carryNs + Math.max(host.messageNs, coordinator.messageNs) + Math.max(host.packetNs, coordinator.packetNs);
};

/** How much later a packet arrives, or its copy. Only one fault of those that strike a packet is its fate. */
const latenessOf = (fault: Fault): number => {
  if (fault.fault === "delay") return fault.by.highNs;
  if (fault.fault === "reorder") return fault.withinNs;
  return fault.fault === "duplicate" ? (fault.after?.highNs ?? 0) : 0;
};

/** How long a receiver may leave a packet lying. One halt may follow on the other. */
const waitOf = (fault: Fault, { ipiNs }: Costs, cpus: number): number => {
  if (fault.fault === "pause" || fault.fault === "suspend" || fault.fault === "irqs-off") return fault.forNs;
  return fault.fault === "slow" ? (fault.factor - 1) * ipiNs.near * cpus : 0;
};

export const tripsOf = ({ engine, plan, setup: { profile, cpus } }: Header): Trips => {
  const { faults } = planOf(plan.faults, plan.seed).plan;
  const waitNs = faults.reduce((sum, fault) => sum + waitOf(fault, profile, cpus), 0);
  const laterNs = Math.max(0, ...faults.map(latenessOf)) + waitNs;
  if (engine === "live") return { exactClocks: false, shortestNs: 0, longestNs: liveLongestNs + laterNs };
  const { near, far, jitter } = profile.ipiNs;
  const wayNs = Math.max(near, far) + tailFactor * jitter + (profile.processes?.askNs ?? 0);
  return { exactClocks: true, shortestNs: Math.min(near, far), longestNs: wayNs + cpus * turnNs(profile) + laterNs };
};
