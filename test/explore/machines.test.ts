// The real machines, every interleaving: how many states there are, that all guarantees hold, and that any judge agrees with a path. State counts are pinned: whoever changes one should know why.
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { immediate } from "../../shared/consistency/immediate.ts";
import { kgraft } from "../../shared/consistency/kgraft.ts";
import { kpatch } from "../../shared/consistency/kpatch.ts";
import type { Model } from "../../shared/consistency/model.ts";
import { simple } from "../../shared/consistency/simple.ts";
import { type Exploration, explore, replayPath } from "../../shared/explore/explore.ts";
import { propertiesOf } from "../../shared/explore/machines/properties.ts";
import { type Budgets, type ExploreSetup, exploreSetupOf, readSetup, writtenSetup } from "../../shared/explore/machines/setup.ts";
import { World } from "../../shared/explore/machines/world.ts";
import { exploredMutant } from "../../shared/explore/mutantMachines.ts";
import { search, unlimited } from "../../shared/explore/search/search.ts";
import type { Row } from "../../shared/explore/search/system.ts";
import { mutantNamed } from "../../shared/mutants/registry.ts";
import { judgeOf } from "../../shared/oracle/judgement.ts";
import { noPackets } from "../../shared/protocol/observer.ts";
import { smallSetup } from "../fixtures/setup.ts";

const noFaults: Budgets = { drops: 0, copies: 0, cpuCrashes: 0, coordinatorCrashes: 0, secondCoordinator: 0, calls: 0, checks: 1 };

const machine = (model: Model, cpus: number, budgets: Partial<Budgets> = {}, attempts = 1): ExploreSetup =>
  exploreSetupOf(smallSetup({ cpus, model: { ...model, attempts } }), { ...noFaults, ...budgets });

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

  holds("simple, undisturbed", machine(simple, 2), 1_750, 5_233, 23);
  holds("simple, two attempts", machine(simple, 2, {}, 2), 5_467, 17_350, 32);
  holds("simple, a drop and a copy", machine(simple, 2, { drops: 1, copies: 1 }), 35_116, 181_585, 25);
  holds("simple, a CPU crash", machine(simple, 2, { cpuCrashes: 1 }), 29_914, 106_308, 32);
  holds("simple, a coordinator crash and a drop", machine(simple, 2, { coordinatorCrashes: 1, drops: 1 }), 39_594, 148_261, 32);
  holds("simple, a call that is waited for", machine(simple, 2, { calls: 1 }), 13_679, 49_810, 26);
  holds(
    "simple, patch and unpatch",
    exploreSetupOf(smallSetup({ cpus: 2, model: { ...simple, attempts: 1 }, operations: ["patch", "unpatch"] }), noFaults),
    3_499,
    10_466,
    46,
  );
  holds("kpatch, a drop and a coordinator crash", machine(kpatch, 2, { drops: 1, coordinatorCrashes: 1 }), 32_744, 116_751, 28);
  holds("hybrid, a drop", machine(hybrid, 2, { drops: 1 }), 3_843, 12_033, 44);
  holds("hybrid, a coordinator crash", machine(hybrid, 2, { coordinatorCrashes: 1 }), 23_627, 67_808, 50);
  holds("hybrid, unwinds that fail", { ...machine(hybrid, 2), unwindsFail: true }, 1_203, 3_411, 42);
  holds("immediate, a drop", machine(immediate, 2, { drops: 1 }), 8_427, 25_049, 60);
  holds("kgraft, a CPU crash", machine(kgraft, 2, { cpuCrashes: 1 }), 40_555, 111_461, 52);
});

describe("what is left out", () => {
  it("packets that can change nothing any more, taken out or not: the verdict is the same", () => {
    const setup = machine(simple, 2, { copies: 1 });
    const kept = explore({ ...setup, prunes: false }, unlimited);
    const pruned = explore(setup, unlimited);
    assert.strictEqual(kept.verdict, "valid");
    assert.strictEqual(pruned.verdict, "valid");
    assert.isAbove(kept.states, pruned.states);
  });

  it("what monitors remember, told apart or carried along with the path that was found first: the verdict is the same", () => {
    const setup = machine(simple, 2, { coordinatorCrashes: 1 });
    const world = new World(setup);
    const exact = { width: world.width, identity: world.width, bits: world.bits, initial: world.initial } as const;
    const successors: World["successors"] = (state, next, reached) => world.successors(state, next, reached);
    const apart = search({ ...exact, successors }, propertiesOf(setup, world), unlimited);
    const together = search(world, propertiesOf(setup, world), unlimited);
    assert.isTrue(apart.outcomes.every(({ outcome }) => outcome === "holds"));
    assert.isTrue(together.outcomes.every(({ outcome }) => outcome === "holds"));
    assert.isAbove(apart.states, together.states);
  });
});

describe("unwinds that fail", () => {
  it("a reader that takes what it got for the whole stack lets a sleeper be patched under its feet, though all rules are kept", () => {
    const { counterexample } = explore({ ...machine(kpatch, 2), unwindsFail: true }, unlimited);
    assert.deepStrictEqual([counterexample?.property, counterexample?.steps.length], ["off-stack", 10]);
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
});
