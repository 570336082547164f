// Attrition: faults that wear a live machine down all along a run, drawn from a seed. Every process that dies comes back.
import { oneCpu } from "../machine/cpuSet.ts";
import { below, stream } from "../machine/random.ts";
import type { Moment } from "./actors.ts";
import type { Fault } from "./registry.ts";

export interface Attrition {
  readonly cpus: number;
  /** The strikes of each kind are spread over so much of the run: one in each of as many equal parts. */
  readonly spanNs: number;
  readonly cpuKills: number;
  readonly coordinatorKills: number;
  readonly suspensions: number;
  readonly outages: number;
}

/** What so many patches are to live through: a CPU's process is killed every fifth, the coordinator's every twentieth, the server every fortieth. */
export const wearOf = (cpus: number, patches: number, spanNs: number): Attrition => ({
  cpus,
  spanNs,
  cpuKills: Math.ceil(patches / 5),
  coordinatorKills: Math.ceil(patches / 20),
  suspensions: Math.ceil(patches / 10),
  outages: Math.ceil(patches / 40),
});

/** How long a process is gone, stands still or cannot be heard: from where nobody minds to where everybody asks again. */
const longestNs = { gone: 100_000_000, still: 400_000_000, outage: 50_000_000 } as const;

/** Of so many suspensions one is the coordinator's. */
const coordinatorShare = 4;

const us = (ns: number): number => 1_000 * Math.round(ns / 1_000);

export const attrition = (
  seed: number,
  { cpus, spanNs, cpuKills, coordinatorKills, suspensions, outages }: Attrition,
): readonly Fault[] => {
  /** Each kind draws for itself, so that more of one changes nothing of another. */
  const strikes = (kind: string, count: number, make: (fromNs: number, draw: (limit: number) => number) => Fault): readonly Fault[] => {
    const random = stream(seed, `attrition ${kind}`);
    const draw = (limit: number): number => below(random, limit);
    const partNs = Math.floor(spanNs / Math.max(1, count));
    return Array.from({ length: count }, (_, part) => make(us(part * partNs + draw(partNs)), draw));
  };
  const at = (atNs: number): { readonly when: Moment } => ({ when: { atNs } });
  return [
    ...strikes("cpu", cpuKills, (fromNs, draw) => ({
      fault: "kill",
      actor: oneCpu(draw(cpus)),
      ...at(fromNs),
      restartAfterNs: us(draw(longestNs.gone)),
    })),
    ...strikes("coordinator", coordinatorKills, (fromNs, draw) => ({
      fault: "kill",
      actor: "coordinator",
      ...at(fromNs),
      restartAfterNs: us(draw(longestNs.gone)),
    })),
    ...strikes("still", suspensions, (fromNs, draw) => ({
      fault: "suspend",
      actor: draw(coordinatorShare) === 0 ? "coordinator" : oneCpu(draw(cpus)),
      ...at(fromNs),
      forNs: us(draw(longestNs.still)),
    })),
    ...strikes("outage", outages, (fromNs, draw) => ({ fault: "outage", window: { fromNs, forNs: us(draw(longestNs.outage)) } })),
  ];
};
