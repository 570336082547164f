// The search on graphs whose sizes others have published, and on small ones made to break each kind of property.
import { assert, describe, it } from "vitest";
import { rendezvous, safe } from "../../loadtests/peers/rendezvous.ts";
import { actionsTo } from "../../shared/explore/search/path.ts";
import { search, unlimited } from "../../shared/explore/search/search.ts";
import type { Property, Row, System } from "../../shared/explore/search/system.ts";
import { consistent, decided, twoPhase } from "./twoPhase.ts";

/** A graph by its edges: `[from, to]`, or `[from, to, "fault"]`. */
const graph = (edges: ReadonlyArray<readonly [number, number, "fault"?]>): System => ({
  width: 1,
  identity: 1,
  bits: 8,
  initial: new Int32Array(1),
  successors: ([state], next, reached) => {
    edges.forEach(([from, to, fault], action) => {
      if (from !== state) return;
      next[0] = to;
      reached(action, fault === "fault");
    });
  },
});

const property = (kind: Property["kind"], holds: (state: number) => boolean): Property => ({
  name: kind,
  kind,
  holds: ([state]: Row) => holds(state as number),
});

const outcomeOf = (system: System, ...properties: readonly Property[]) => {
  const result = search(system, properties, unlimited);
  return result.outcomes.map(({ outcome, at }) => [outcome, at === null ? null : actionsTo(system, result, at)]);
};

describe("published graphs", () => {
  it("two-phase commit has 288 states with 3 participants and 8,832 with 5, and is consistent in all of them", () => {
    for (const [participants, states] of [
      [3, 288],
      [5, 8_832],
    ] as const) {
      const result = search(twoPhase(participants), [consistent(participants), decided(participants)], unlimited);
      assert.strictEqual(result.states, states);
      assert.deepStrictEqual(
        result.outcomes.map(({ outcome }) => outcome),
        ["holds", "holds"],
      );
    }
  });

  it("the rendezvous of the peers has the states and steps that Spin and rumur count", () => {
    for (const [cpus, states, transitions, steps] of [
      [2, 4_572, 18_388, 37],
      [3, 105_296, 607_176, 54],
    ] as const) {
      const result = search(rendezvous(cpus, 2), [safe], unlimited);
      assert.deepInclude(result, { states, transitions, depth: steps, ended: "exhausted" });
    }
  });

  it("up to renaming of CPUs it has as many as rumur counts with a scalarset, and the same verdict", () => {
    for (const [cpus, states] of [
      [2, 2_380],
      [3, 19_898],
      [4, 132_647],
    ] as const) {
      const result = search(rendezvous(cpus, 2, true), [safe], unlimited);
      assert.deepInclude(result, { states, ended: "exhausted" });
    }
  });

  it("breaks a property after as many steps with renaming as without, and the path is one of the graph itself", () => {
    const never: Property = { name: "never", kind: "always", holds: (state) => state[0] !== 4 };
    const plain = search(rendezvous(3, 2), [never], unlimited);
    const renamed = search(rendezvous(3, 2, true), [never], unlimited);
    const at = (result: typeof plain): number => result.outcomes[0]?.at ?? assert.fail("nothing was found");
    const path = actionsTo(rendezvous(3, 2, true), renamed, at(renamed));
    assert.strictEqual(path.length, actionsTo(rendezvous(3, 2), plain, at(plain)).length);
    assert.isBelow(renamed.states, plain.states);
  });
});

describe("properties", () => {
  it("what must always hold is broken by a shortest path", () => {
    const longAndShort = graph([
      [0, 1],
      [1, 2],
      [2, 9],
      [0, 3],
      [3, 9],
    ]);
    assert.deepStrictEqual(
      outcomeOf(
        longAndShort,
        property("always", (state) => state !== 9),
      ),
      [["violated", [3, 4]]],
    );
  });

  it("what must sometimes hold is broken where it never does", () => {
    const line = graph([[0, 1]]);
    assert.deepStrictEqual(
      outcomeOf(
        line,
        property("sometimes", (state) => state === 1),
      ),
      [["holds", [0]]],
    );
    assert.deepStrictEqual(
      outcomeOf(
        line,
        property("sometimes", (state) => state === 2),
      ),
      [["violated", null]],
    );
  });

  it("a goal that no way leads to from some state is not live, be it a dead end or a circle", () => {
    const isGoal = property("goal", (state) => state === 9);
    const ways = [
      [0, 9],
      [0, 1],
    ] as const;
    assert.deepStrictEqual(outcomeOf(graph(ways), isGoal), [["violated", [1]]]);
    assert.deepStrictEqual(outcomeOf(graph([...ways, [1, 2], [2, 1]]), isGoal), [["violated", [1]]]);
    assert.deepStrictEqual(outcomeOf(graph([...ways, [1, 2], [2, 1], [2, 9]]), isGoal), [["holds", null]]);
  });

  it("a goal that only a further fault leads to is not live", () => {
    const isGoal = property("goal", (state) => state === 9);
    const rescued = [
      [0, 9],
      [0, 1],
      [1, 9, "fault"],
    ] as const;
    assert.deepStrictEqual(outcomeOf(graph(rescued), isGoal), [["violated", [1]]]);
  });

  it("a search that reached a limit says that it does not know, and how deep it came", () => {
    const result = search(rendezvous(3, 2), [safe, decided(1)], { ...unlimited, maxStates: 10_000 });
    assert.strictEqual(result.ended, "states");
    assert.deepStrictEqual(
      result.outcomes.map(({ outcome }) => outcome),
      ["unknown", "unknown"],
    );
    assert.isAbove(result.depth, 10);
    const late = search(rendezvous(3, 2), [safe], { ...unlimited, timeIsUp: () => true });
    assert.strictEqual(late.ended, "time");
    const large = search(rendezvous(3, 2), [safe], { ...unlimited, memoryIsFull: () => true });
    assert.strictEqual(large.ended, "memory");
  });
});
