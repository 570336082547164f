// A tree reaches every CPU once, each combiner the lowest of its own, whoever is asked; and its text reads back.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { type CpuSet, covers, forEach, fromCpus, lowest, oneCpu, size, slice, toArray } from "../../shared/machine/cpuSet.ts";
import type { Relay } from "../../shared/protocol/messages.ts";
import {
  flat,
  heightOf,
  levelsOf,
  printTopology,
  readTopology,
  subtreeOf,
  type Topology,
  type Way,
  wayBelow,
  wayTo,
} from "../../shared/protocol/topology.ts";

const cpus = fc.uniqueArray(fc.nat(199), { maxLength: 120 }).map(fromCpus);
const tree = fc.integer({ min: 2, max: 9 }).map((fanout): Topology => ({ shape: "tree", fanout }));
const topology = fc.oneof({ weight: 4, arbitrary: tree }, fc.constant<Topology>({ shape: "numa" }), fc.constant(flat));
const nodeCpus = fc.integer({ min: 1, max: 40 });

/** Everyone who is reached, as often as they are, and by how many combiners the last of them. */
const reached = ({ ends, branches }: Way): { readonly cpus: number[]; readonly levels: number } => {
  const below = branches.map((branch) => reached(wayBelow(branch)));
  return {
    cpus: [...toArray(ends), ...branches.map(({ subtree }) => lowest(subtree)), ...below.flatMap((each) => each.cpus)],
    levels: Math.max(0, ...below.map(({ levels }) => 1 + levels)),
  };
};

const widest = (way: Way): number =>
  Math.max(size(way.ends) + way.branches.length, ...way.branches.map((branch) => widest(wayBelow(branch))));

const branchesIn = (way: Way): Relay[] => way.branches.flatMap((branch) => [branch, ...branchesIn(wayBelow(branch))]);

describe("the way to a set of CPUs", () => {
  it("reaches each of them once, over no more combiners than is said", () => {
    fc.assert(
      fc.property(topology, nodeCpus, cpus, (shape, node, set) => {
        const { cpus: all, levels } = reached(wayTo(shape, node, set));
        assert.deepEqual(
          all.toSorted((a, b) => a - b),
          toArray(set),
        );
        assert.isAtMost(levels, levelsOf(shape, node, size(set)));
      }),
    );
  });

  it("is in a tree no wider than its fan-out, and as deep as that needs", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), cpus, (fanout, set) => {
        const way = wayTo({ shape: "tree", fanout }, 1, set);
        assert.isAtMost(widest(way), fanout);
        for (const { subtree } of branchesIn(way))
          assert.isAtMost(reached(wayBelow({ fanout, subtree })).levels + 1, heightOf(size(subtree), fanout));
      }),
    );
  });

  it.each([
    [200, 64],
    [1_000, 8],
    [524_288, 64],
    [1_048_576, 64],
  ])("for %i CPUs with a fan-out of %i has at most a quarter more combiners than if each asked as many as it may", (count, fanout) => {
    const way = wayTo({ shape: "tree", fanout }, 1, [0, count - 1]);
    assert.isAtMost(branchesIn(way).length, 1.25 * Math.ceil(count / (fanout + 1)));
    assert.isAtLeast(way.branches.length, 2);
  });

  it("is as high as a chain where each asks one other, however long", () => {
    assert.strictEqual(heightOf(1_000_000, 1), 999_999);
  });

  it("has by nodes one combiner for each that has several, and nobody below those below it", () => {
    const way = wayTo({ shape: "numa" }, 4, [1, 5, 9, 9, 14, 17]);
    assert.deepEqual(way, {
      ends: [9, 9],
      branches: [
        { fanout: 4, subtree: [1, 3] },
        { fanout: 4, subtree: [4, 5] },
        { fanout: 4, subtree: [14, 15] },
        { fanout: 4, subtree: [16, 17] },
      ],
    });
    assert.isTrue(way.branches.every((branch) => wayBelow(branch).branches.length === 0));
  });

  it("says for whom each CPU may speak: itself, and whoever is asked by way of it", () => {
    fc.assert(
      fc.property(topology, nodeCpus, cpus, (shape, node, set) => {
        const way = wayTo(shape, node, set);
        const branches = new Map<number, CpuSet>(branchesIn(way).map(({ subtree }) => [lowest(subtree), subtree]));
        forEach(set, (cpu) => assert.deepEqual(subtreeOf(way, cpu), branches.get(cpu) ?? oneCpu(cpu)));
      }),
    );
  });
});

describe("a set of CPUs by rank", () => {
  it("is cut as a list is", () => {
    fc.assert(
      fc.property(cpus, fc.nat(130), fc.nat(130), (set, start, end) => {
        assert.deepEqual(slice(set, start, end), fromCpus(toArray(set).slice(start, end)));
      }),
    );
  });

  it("covers just what has no member outside it", () => {
    fc.assert(
      fc.property(cpus, cpus, (set, part) => {
        const members = new Set(toArray(set));
        assert.strictEqual(
          covers(set, part),
          toArray(part).every((cpu) => members.has(cpu)),
        );
      }),
    );
  });
});

describe("the text of a topology", () => {
  it("reads back", () => {
    fc.assert(fc.property(topology, (shape) => assert.deepEqual(readTopology(printTopology(shape), 1_000), shape)));
  });

  for (const text of ["", "tree", "tree:", "tree:1", "tree:0", "tree:-2", "tree:2.5", "tree:02", "tree:1001", "Flat", "numa:4", "tree:4 "])
    it(`is not "${text}"`, () => assert.isUndefined(readTopology(text, 1_000)));
});
