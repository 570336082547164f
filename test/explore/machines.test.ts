// The real machines, every interleaving: how many states there are, that all guarantees hold, and that any judge agrees with a path. State counts are pinned: whoever changes one should know why.
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { immediate } from "../../shared/consistency/immediate.ts";
import { kgraft } from "../../shared/consistency/kgraft.ts";
import { kpatch } from "../../shared/consistency/kpatch.ts";
import type { Model } from "../../shared/consistency/model.ts";
import { simple } from "../../shared/consistency/simple.ts";
import { type Exploration, explore, replayPath } from "../../shared/explore/explore.ts";
import { type Budgets, type ExploreSetup, exploreSetupOf, readSetup, writtenSetup } from "../../shared/explore/machines/setup.ts";
import { World } from "../../shared/explore/machines/world.ts";
import { exploredMutant } from "../../shared/explore/mutantMachines.ts";
import { unlimited } from "../../shared/explore/search/search.ts";
import type { Row } from "../../shared/explore/search/system.ts";
import { mutantNamed } from "../../shared/mutants/registry.ts";
import { judgeOf } from "../../shared/oracle/judgement.ts";
import { noPackets } from "../../shared/protocol/observer.ts";
import { flat, type Topology } from "../../shared/protocol/topology.ts";
import { smallSetup } from "../fixtures/setup.ts";

const noFaults: Budgets = { drops: 0, copies: 0, cpuCrashes: 0, coordinatorCrashes: 0, secondCoordinator: 0, calls: 0, checks: 1 };

const tree: Topology = { shape: "tree", fanout: 2 };
const byNode: Topology = { shape: "numa" };

const machine = (model: Model, cpus: number, budgets: Partial<Budgets> = {}, attempts = 1, topology = flat): ExploreSetup =>
  exploreSetupOf(smallSetup({ cpus, model: { ...model, attempts }, topology }), { ...noFaults, ...budgets });

const sizeOf = ({ states, transitions, depth, verdict }: Exploration) => [states, transitions, depth, verdict];

describe("machines that keep the rules", () => {
  const holds = (name: string, setup: ExploreSetup, states: number, transitions: number, depth: number) =>
    it(`${name}: ${states} states, and every guarantee holds in all of them`, () => {
      const found = explore(setup, unlimited);
      assert.deepStrictEqual(
        found.properties.filter(({ outcome }) => outcome !== "holds"),
        [],
      );
      assert.deepStrictEqual(sizeOf(found), [states, transitions, depth, "valid"]);
    });

  holds("simple, undisturbed", machine(simple, 2), 212, 443, 18);
  holds("simple, two attempts", machine(simple, 2, {}, 2), 830, 2_072, 26);
  holds("simple, a drop and a copy", machine(simple, 2, { drops: 1, copies: 1 }), 4_050, 15_353, 25);
  holds("simple, a CPU crash", machine(simple, 2, { cpuCrashes: 1 }), 3_034, 7_357, 24);
  holds("simple, a coordinator crash and a drop", machine(simple, 2, { coordinatorCrashes: 1, drops: 1 }), 10_412, 34_841, 31);
  holds("simple, a call that is waited for", machine(simple, 2, { calls: 1 }), 1_566, 4_088, 21);
  holds(
    "simple, patch and unpatch",
    exploreSetupOf(smallSetup({ cpus: 2, model: { ...simple, attempts: 1 }, operations: ["patch", "unpatch"] }), noFaults),
    423,
    886,
    36,
  );
  holds("simple, another coordinator", machine(simple, 2, { secondCoordinator: 1 }), 1_422, 4_063, 24);
  holds("simple, another coordinator, 3 CPUs", machine(simple, 3, { secondCoordinator: 1 }), 8_716, 36_648, 31);
  holds("kpatch, a drop and a coordinator crash", machine(kpatch, 2, { drops: 1, coordinatorCrashes: 1 }), 10_222, 33_467, 27);
  holds("hybrid, a drop", machine(hybrid, 2, { drops: 1 }), 2_833, 8_737, 42);
  holds("hybrid, a coordinator crash", machine(hybrid, 2, { coordinatorCrashes: 1 }), 8_970, 28_982, 40);
  holds("hybrid, unwinds that fail", { ...machine(hybrid, 2), unwindsFail: true }, 792, 1_993, 33);
  holds("immediate, a drop", machine(immediate, 2, { drops: 1 }), 2_305, 4_729, 52);
  holds("kgraft, a CPU crash", machine(kgraft, 2, { cpuCrashes: 1 }), 14_851, 35_327, 42);
  holds("simple, by a tree", machine(simple, 3, {}, 1, tree), 28_613, 152_224, 33);
  holds("simple, by a combiner, a CPU crash", machine(simple, 2, { cpuCrashes: 1 }, 1, byNode), 59_200, 216_929, 35);
});

describe("what is left out", () => {
  it("what monitors remember, told apart or carried along with the path that was found first: the verdict is the same", () => {
    const setup = machine(simple, 2, { coordinatorCrashes: 1 });
    const together = explore(setup, unlimited);
    const apart = explore(setup, { ...unlimited, exact: true });
    assert.deepStrictEqual([apart.verdict, together.verdict], ["valid", "valid"]);
    assert.isAbove(apart.states, together.states);
  });
});

describe("unwinds that fail", () => {
  it("a reader that takes what it got for the whole stack lets a sleeper be patched under its feet, though all rules are kept", () => {
    const { counterexample } = explore({ ...machine(kpatch, 2), unwindsFail: true }, unlimited);
    assert.deepStrictEqual([counterexample?.property, counterexample?.steps.length], ["off-stack", 8]);
  });
});

describe("a path", () => {
  it("a counterexample that was written down is the same when it is stepped through, and any judge finds the same in its facts", () => {
    const setup = exploredMutant(mutantNamed("run-without-wrote"), (model) => smallSetup({ model }));
    const { counterexample } = explore(setup, unlimited);
    const written = JSON.parse(JSON.stringify(writtenSetup(setup, "run-without-wrote")));
    const actions = counterexample?.steps.map(({ action }) => action) ?? [];
    const replayed = replayPath(readSetup(written), actions);
    assert.deepStrictEqual(replayed.steps, counterexample?.steps);
    assert.deepStrictEqual(replayed.finding, { monitor: counterexample?.property, reason: counterexample?.reason });

    const world = new World(setup);
    const judge = judgeOf(smallSetup({ cpus: 2, model: setup.model }));
    const next = new Int32Array(world.width);
    let here: Row = world.initial;
    for (const wanted of actions) {
      let there = here;
      world.successors(here, next, (action) => {
        if (action !== wanted) return;
        there = Int32Array.from(next);
        for (const fact of world.judges.factsBehind(world.facts)) judge.announce({ fact, at: 0, clock: 0, actor: 0 });
      });
      here = there;
    }
    const end = { ended: "interrupted", at: 0, healedAt: null, boundNs: 0, packets: noPackets(), events: 0 } as const;
    const [first] = judge.conclude(end, []).violations;
    assert.deepStrictEqual([first?.monitor, first?.reason], ["whole-call", counterexample?.reason]);
  });

  it("the light of the broken promise goes out at the last step and no sooner, and each change begins where the one before it ended", () => {
    const setup = exploredMutant(mutantNamed("run-without-wrote"), (model) => smallSetup({ model }));
    const { counterexample, properties } = explore(setup, unlimited);
    const steps = counterexample?.steps ?? [];
    const broken = properties.findIndex(({ name }) => name === counterexample?.property);
    assert.deepStrictEqual(
      steps.map(({ lights }) => lights[broken]),
      steps.map((_, i) => i < steps.length - 1),
    );
    const values = new Map<string, string>();
    for (const { of, field, before, after } of steps.flatMap(({ changes }) => changes)) {
      const known = values.get(`${of} ${field}`);
      if (known !== undefined) assert.strictEqual(before, known, `${of} ${field}`);
      assert.notStrictEqual(before, after);
      values.set(`${of} ${field}`, after);
    }
    assert.isAbove(values.size, steps.length);
  });
});
