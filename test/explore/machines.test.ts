// The real machines, every interleaving: how many states there are, that all guarantees hold, and that a machine with one rule replaced is
// caught by a path that any judge agrees with. State counts are pinned: whoever changes one should know why.
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import { kgraft } from "../../shared/consistency/kgraft.ts";
import { kpatch } from "../../shared/consistency/kpatch.ts";
import type { Model } from "../../shared/consistency/model.ts";
import { simple } from "../../shared/consistency/simple.ts";
import { type Exploration, explore, replayPath } from "../../shared/explore/explore.ts";
import { propertiesOf } from "../../shared/explore/machines/properties.ts";
import {
  type Budgets,
  type ExploreSetup,
  exploreSetupOf,
  readSetup,
  whyNotExplored,
  writtenSetup,
} from "../../shared/explore/machines/setup.ts";
import { World } from "../../shared/explore/machines/world.ts";
import { search, unlimited } from "../../shared/explore/search/search.ts";
import type { Row } from "../../shared/explore/search/system.ts";
import { groundOf } from "../../shared/mutants/mutant.ts";
import { mutantNamed, mutants } from "../../shared/mutants/registry.ts";
import { judgeOf } from "../../shared/oracle/judgement.ts";
import { noPackets } from "../../shared/protocol/observer.ts";
import { smallSetup } from "../fixtures/setup.ts";

const noFaults: Budgets = { drops: 0, copies: 0, cpuCrashes: 0, coordinatorCrashes: 0, secondCoordinator: 0, calls: 0, checks: 1 };

const machine = (model: Model, cpus: number, budgets: Partial<Budgets> = {}, attempts = 1): ExploreSetup =>
  exploreSetupOf(smallSetup({ cpus, model: { ...model, attempts } }), { ...noFaults, ...budgets });

/** The ground of a mutant: with its rule replaced, or with all rules kept. */
const mutated = (name: string, cpus: number, budgets: Partial<Budgets> = {}, attempts = 1, keepsRules = false): ExploreSetup => {
  const mutant = mutantNamed(name);
  const { mutant: replaced, ...kept } = groundOf(mutant, smallSetup({ cpus, model: { ...mutant.model, attempts } }));
  return exploreSetupOf(keepsRules || replaced === undefined ? kept : { ...kept, mutant: replaced }, { ...noFaults, ...budgets });
};

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

  it("says of which machines it can say nothing", () => {
    const refused = mutants.filter(({ name }) => whyNotExplored(mutated(name, 2)) !== undefined).map(({ name }) => name);
    assert.includeMembers(refused, ["sleepers-not-checked", "functions-switch-alone"]);
    assert.isBelow(refused.length, mutants.length / 4);
  });
});

describe("machines with one rule replaced", () => {
  const caught = (name: string, cpus: number, budgets: Partial<Budgets>, property: string, steps: number, attempts = 1) =>
    it(`${name} breaks ${property} after ${steps} steps, and with its rule nothing is broken`, () => {
      const found = explore(mutated(name, cpus, budgets, attempts), unlimited);
      assert.strictEqual(found.verdict, "violated");
      assert.deepStrictEqual([found.counterexample?.property, found.counterexample?.steps.length], [property, steps]);
      const kept = explore(mutated(name, cpus, budgets, attempts, true), { ...unlimited, maxStates: 20_000 });
      assert.notStrictEqual(kept.verdict, "violated");
    });

  caught("call-never-repeated", 2, { calls: 1, drops: 1 }, "ends", 3);
  caught("majority-is-enough", 3, {}, "rounds", 5);
  caught("copied-ack-counts-twice", 2, { copies: 1 }, "rounds", 4);
  caught("stale-epoch-counts", 2, { drops: 1 }, "rounds", 13, 2);
  caught("round-never-repeated", 2, { drops: 1 }, "ends", 4);
  caught("run-without-wrote", 2, { cpuCrashes: 1 }, "whole-call", 19);
  caught("busy-vote-passed-over", 2, {}, "all-acked", 10);
  caught("leaves-after-vote", 2, { coordinatorCrashes: 1 }, "left-kernel", 12);
  caught("abort-after-commit", 2, { cpuCrashes: 1 }, "rounds", 5);
  caught("recovery-forgets-register", 2, { coordinatorCrashes: 1 }, "released", 6);
  caught("complete-with-one-pending", 2, {}, "no-false-complete", 18);
  caught("acks-before-reversal-count", 2, { copies: 1 }, "rounds", 20);
  caught("unpatch-goes-up", 2, {}, "undo", 24);

  it("a counterexample that was written down is the same when it is stepped through, and any judge finds the same in its facts", () => {
    const setup = mutated("run-without-wrote", 2, { cpuCrashes: 1 });
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
