// What is left out of a search because it makes no difference to machines that keep their rules: the verdicts are the same without it.
import { assert, describe, it } from "vitest";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import type { Model } from "../../shared/consistency/model.ts";
import { simple } from "../../shared/consistency/simple.ts";
import { explore } from "../../shared/explore/explore.ts";
import { type Budgets, exploreSetupOf } from "../../shared/explore/machines/setup.ts";
import { exploredMutant } from "../../shared/explore/mutantMachines.ts";
import { unlimited } from "../../shared/explore/search/search.ts";
import { mutants } from "../../shared/mutants/registry.ts";
import { smallSetup } from "../fixtures/setup.ts";

const noFaults: Budgets = { drops: 0, copies: 0, cpuCrashes: 0, coordinatorCrashes: 0, secondCoordinator: 0, calls: 0, checks: 1 };

describe("what makes no difference to machines that keep the rules", () => {
  const same = (name: string, model: Model, cpus: number, budgets: Partial<Budgets>) =>
    it(`${name}: left out or not, every guarantee holds, and the end can be reached from everywhere`, () => {
      const setup = exploreSetupOf(smallSetup({ cpus, model: { ...model, attempts: 1 } }), { ...noFaults, ...budgets });
      const whole = explore({ ...setup, reduces: false }, unlimited);
      const reduced = explore(setup, unlimited);
      assert.deepStrictEqual(reduced.properties, whole.properties);
      assert.deepStrictEqual([whole.verdict, reduced.verdict], ["valid", "valid"]);
      assert.isAbove(whole.states, reduced.states);
    });

  same("another coordinator", simple, 1, { secondCoordinator: 1 });
  same("a copy", simple, 2, { copies: 1 });
  same("a coordinator crash", simple, 2, { coordinatorCrashes: 1 });
  same("a CPU crash", simple, 2, { cpuCrashes: 1 });
  same("a drop in a transition", hybrid, 2, { drops: 1 });
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
      const setup = { ...exploredMutant(mutant, (model) => smallSetup({ model })), reduces: true };
      assert.strictEqual(explore(setup, unlimited).verdict, "violated");
    });
  }
});
