// The way on which the first asking of a round reaches its CPUs, and their answers the coordinator: straight, or by combiners.
//
// A tree is cut anew for each round from those who are asked in it: into contiguous parts as equal as can be, whose lowest CPU is the
// combiner of the others, and those again. So it needs no upkeep when CPUs come and go, and a set of CPUs stays a few ranges.
import { type CpuSet, fromAscending, has, lowest, oneCpu, size, slice } from "../machine/cpuSet.ts";
import type { Relay } from "./messages.ts";

/** `tree`: each combiner, and the coordinator, asks at most `fanout` others. `numa`: one combiner a node, which asks all others of it. */
export type Topology = { readonly shape: "flat" } | { readonly shape: "tree"; readonly fanout: number } | { readonly shape: "numa" };

export const flat: Topology = { shape: "flat" };

/** The smallest tree that is none of the others: with one branch each it would be a chain. */
export const leastFanout = 2;

/** Whom somebody asks: combiners with those below them, and CPUs that have nobody below. */
export interface Way {
  readonly ends: CpuSet;
  readonly branches: readonly Relay[];
}

const straight = (ends: CpuSet): Way => ({ ends, branches: [] });

const wayBy = (parts: readonly CpuSet[], fanout: number): Way => ({
  ends: fromAscending(parts.filter((part) => size(part) === 1).map(lowest)),
  branches: parts.filter((part) => size(part) > 1).map((subtree) => ({ fanout, subtree })),
});

/** How many CPUs a branch has at most: a full tree of the least height with which `fanout` branches are enough. */
const fullBranch = (count: number, fanout: number): number => {
  let full = 1;
  while (fanout * full < count) full = 1 + fanout * full;
  return full;
};

/**
 * As few levels as can be, and as few combiners as these can do with, but never a single one: it would have to speak for everybody. So
 * there are few branches at the top, and full ones below.
 */
const cut = (cpus: CpuSet, fanout: number): Way => {
  const count = size(cpus);
  if (count <= fanout) return straight(cpus);
  const branches = Math.max(leastFanout, Math.ceil(count / fullBranch(count, fanout)));
  const bound = (part: number): number => Math.floor((part * count) / branches);
  const parts = Array.from({ length: branches }, (_, part) => slice(cpus, bound(part), bound(part + 1)));
  return wayBy(parts, fanout);
};

const cutByNode = (cpus: CpuSet, nodeCpus: number): Way => {
  const nodes = new Map<number, number[]>();
  for (let i = 0; i < cpus.length; i += 2) {
    const last = cpus[i + 1] as number;
    for (let first = cpus[i] as number; first <= last; ) {
      const node = Math.floor(first / nodeCpus);
      const end = Math.min(last, (node + 1) * nodeCpus - 1);
      nodes.set(node, [...(nodes.get(node) ?? []), first, end]);
      first = end + 1;
    }
  }
  return wayBy([...nodes.values()], nodeCpus);
};

/** The coordinator's way to these CPUs. `nodeCpus`: CPUs of a node, which are neighbours. */
export const wayTo = (topology: Topology, nodeCpus: number, cpus: CpuSet): Way => {
  switch (topology.shape) {
    case "flat":
      return straight(cpus);
    case "tree":
      return cut(cpus, topology.fanout);
    case "numa":
      return cutByNode(cpus, nodeCpus);
  }
};

/** A combiner's way to those below it. */
export const wayBelow = ({ fanout, subtree }: Relay): Way => cut(slice(subtree, 1, size(subtree)), fanout);

/** The branch that this CPU is on: they stand in the order of their CPUs, and none reaches into another. */
const branchOf = (branches: readonly Relay[], cpu: number): Relay | undefined => {
  let found = 0;
  for (let end = branches.length; end - found > 1; ) {
    const middle = (found + end) >>> 1;
    if (lowest((branches[middle] as Relay).subtree) <= cpu) found = middle;
    else end = middle;
  }
  const branch = branches[found];
  return branch !== undefined && has(branch.subtree, cpu) ? branch : undefined;
};

/** All for whom this CPU may speak: itself, and those below it if it is a combiner on this way. */
export const subtreeOf = ({ branches }: Way, cpu: number): CpuSet => {
  const branch = branchOf(branches, cpu);
  if (branch === undefined) return oneCpu(cpu);
  return lowest(branch.subtree) === cpu ? branch.subtree : subtreeOf(wayBelow(branch), cpu);
};

/** How many levels of CPUs are below one that has so many, itself included, in its subtree. */
export const heightOf = (cpus: number, fanout: number): number => {
  let levels = 0;
  for (let left = cpus; left > 1; left = Math.ceil((left - 1) / fanout)) levels++;
  return levels;
};

/** How many combiners an ask passes on its way to the last of so many CPUs. */
export const levelsOf = (topology: Topology, nodeCpus: number, cpus: number): number => {
  switch (topology.shape) {
    case "flat":
      return 0;
    case "tree":
      return heightOf(Math.ceil(cpus / topology.fanout), topology.fanout);
    case "numa":
      return Math.min(cpus, nodeCpus) > 1 ? 1 : 0;
  }
};

/** Reads what `printTopology` prints: `flat`, `numa`, or `tree:8` with a fan-out of 2 to `most`. */
export const readTopology = (text: string, most: number): Topology | undefined => {
  if (text === "flat" || text === "numa") return { shape: text };
  const fanout = /^tree:([1-9]\d{0,8})$/.exec(text)?.[1];
  return fanout !== undefined && Number(fanout) >= leastFanout && Number(fanout) <= most
    ? { shape: "tree", fanout: Number(fanout) }
    : undefined;
};

export const printTopology = (topology: Topology): string => (topology.shape === "tree" ? `tree:${topology.fanout}` : topology.shape);
