// For each mutant a machine that is just large enough to show it, and how much must go wrong: what the search is to try, not what it finds.
import type { Model } from "../consistency/model.ts";
import { groundOf, type Mutant } from "../mutants/mutant.ts";
import type { Setup } from "../protocol/setup.ts";
import { type Budgets, type ExploreSetup, exploreSetupOf } from "./machines/setup.ts";

/** What is absent: one CPU, one attempt, no faults. */
type Small = Partial<Budgets> & { readonly cpus?: number; readonly attempts?: number };

const machines: ReadonlyMap<string, Small> = new Map<string, Small>([
  ["majority-is-enough", { cpus: 3 }],
  ["stale-epoch-counts", { attempts: 2 }],
  ["copied-ack-counts-twice", { cpus: 2, copies: 1 }],
  ["old-incarnation-counts", { cpuCrashes: 2 }],
  ["round-never-repeated", { drops: 1 }],
  ["combiner-counts", { cpus: 3, copies: 1 }],
  ["combiner-speaks-for-silent", { cpus: 3 }],
  ["answers-by-its-combiner", { cpus: 2, cpuCrashes: 1 }],
  ["exit-before-run-acked", { cpus: 2 }],
  ["run-without-wrote", { cpus: 2, cpuCrashes: 1 }],
  ["left-epoch-entered-again", { coordinatorCrashes: 1 }],
  ["call-never-repeated", { cpus: 2, drops: 1, calls: 1 }],
  ["recovery-forgets-register", { coordinatorCrashes: 1 }],
  ["written-without-compare-and-set", { secondCoordinator: 1 }],
  ["old-term-keeps-deciding", { secondCoordinator: 1 }],
  ["hello-means-restart", { drops: 1, cpuCrashes: 1 }],
  ["welcome-of-another-incarnation", { attempts: 2, cpuCrashes: 2 }],
  ["runs-before-welcome", { cpuCrashes: 1 }],
  ["admitted-during-stop", { cpus: 2, cpuCrashes: 1 }],
  ["born-on-old-version", { cpus: 2, cpuCrashes: 1 }],
]);

const noFaults: Budgets = { drops: 0, copies: 0, cpuCrashes: 0, coordinatorCrashes: 0, secondCoordinator: 0, calls: 0, checks: 1 };

/** `machineOf`: any machine with this model; of how many CPUs does not matter. */
export const exploredMutant = (mutant: Mutant, machineOf: (model: Model) => Setup): ExploreSetup => {
  const { cpus = 1, attempts = 1, ...budgets } = machines.get(mutant.name) ?? {};
  const setup = groundOf(mutant, { ...machineOf({ ...mutant.model, attempts }), cpus });
  return exploreSetupOf(setup, { ...noFaults, ...budgets });
};
