// What is left out of a search because it makes no difference to machines that keep their rules: the verdicts are the same without it.
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import type { Model } from "../../shared/consistency/model.ts";
import { simple } from "../../shared/consistency/simple.ts";
import { explore } from "../../shared/explore/explore.ts";
import { allReductions, type Budgets, exploreSetupOf, noReductions, type Reductions } from "../../shared/explore/machines/setup.ts";
import { exploredMutant } from "../../shared/explore/mutantMachines.ts";
import { unlimited } from "../../shared/explore/search/search.ts";
import { mutants } from "../../shared/mutants/registry.ts";
import { smallSetup } from "../fixtures/setup.ts";

const noFaults: Budgets = { drops: 0, copies: 0, cpuCrashes: 0, coordinatorCrashes: 0, secondCoordinator: 0, calls: 0, checks: 1 };

/** A small machine, and how many states it has when nothing is left out, or less; and when all is. */
interface Compared {
  readonly cpus: number;
  readonly budgets: Partial<Budgets>;
  readonly states: readonly [more: number, reduced: number];
}

describe("what makes no difference to machines that keep the rules", () => {
  const same = (name: string, model: Model, reduces: Reductions, { cpus, budgets, states }: Compared) =>
    it(`${name}: left out or not, every guarantee holds, and the end can be reached from everywhere`, () => {
      const setup = exploreSetupOf(smallSetup({ cpus, model: { ...model, attempts: 1 } }), { ...noFaults, ...budgets });
      const more = explore({ ...setup, reduces }, unlimited);
      const reduced = explore(setup, unlimited);
      assert.deepStrictEqual(reduced.properties, more.properties);
      assert.deepStrictEqual([more.verdict, reduced.verdict], ["valid", "valid"]);
      assert.deepStrictEqual([more.states, reduced.states], states);
    });

  const whole = (name: string, model: Model, compared: Compared) => same(name, model, noReductions, compared);
  whole("another coordinator", simple, { cpus: 1, budgets: { secondCoordinator: 1 }, states: [55_260, 249] });
  whole("a copy", simple, { cpus: 2, budgets: { copies: 1 }, states: [22_442, 963] });
  whole("a coordinator crash", simple, { cpus: 2, budgets: { coordinatorCrashes: 1 }, states: [79_485, 2_197] });
  whole("a CPU crash", simple, { cpus: 2, budgets: { cpuCrashes: 1 }, states: [44_005, 3_034] });
  whole("a copy and a CPU crash", simple, { cpus: 1, budgets: { copies: 1, cpuCrashes: 1 }, states: [7_128, 1_358] });
  whole("a copy and a CPU crash in a transition", hybrid, { cpus: 1, budgets: { copies: 1, cpuCrashes: 1 }, states: [12_834, 2_545] });
  whole("a copy and a coordinator crash", simple, { cpus: 1, budgets: { copies: 1, coordinatorCrashes: 1 }, states: [9_542, 1_344] });
  whole("a drop in a transition", hybrid, { cpus: 2, budgets: { drops: 1 }, states: [3_843, 2_833] });
  whole("a CPU crash in a transition", hybrid, { cpus: 2, budgets: { cpuCrashes: 1 }, states: [58_756, 20_403] });

  const fences = (name: string, compared: Compared) =>
    same(`the newer term, ${name}`, simple, { ...allReductions, fences: false }, compared);
  fences("2 CPUs", { cpus: 2, budgets: { secondCoordinator: 1 }, states: [8_690, 1_422] });
  fences("3 CPUs", { cpus: 3, budgets: { secondCoordinator: 1 }, states: [66_134, 8_716] });
  fences("2 CPUs and a drop", { cpus: 2, budgets: { secondCoordinator: 1, drops: 1 }, states: [54_457, 8_161] });

  const alone = (name: string, part: keyof Reductions, states: Compared["states"]) =>
    same(
      `another coordinator, ${name}`,
      simple,
      { ...allReductions, [part]: false },
      { cpus: 2, budgets: { secondCoordinator: 1 }, states },
    );
  alone("others between asking the register and its answer", "atomicRegister", [4_677, 1_422]);
  alone("acks that are only counted", "absorbs", [2_083, 1_422]);
});

/** The rules that it rests on, each named by the mutant that breaks it: of the last two the search itself says that they were broken. */
const restsOn: readonly string[] = [
  "stale-epoch-counts",
  "copied-ack-counts-twice",
  "acks-before-reversal-count",
  "late-round-obeyed-after-exit",
  "abort-after-commit",
  "welcome-of-another-incarnation",
  "written-without-compare-and-set",
  "old-term-keeps-deciding",
];

describe("mutants, as if they kept the rules", () => {
  for (const mutant of mutants) {
    if (mutant.onlyInTime === true || restsOn.includes(mutant.name)) continue;
    it(`${mutant.name} is seen all the same`, () => {
      const setup = { ...exploredMutant(mutant, (model) => smallSetup({ model })), reduces: allReductions };
      assert.strictEqual(explore(setup, unlimited).verdict, "violated");
    });
  }
});
