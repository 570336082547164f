// Every interleaving of a small machine, tried by a program.
import { type Exploration, explore as exploreAll } from "../../shared/explore/explore.ts";
import { type Budgets, exploreLimits, exploreSetupOf, whyNotExplored } from "../../shared/explore/machines/setup.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { configurationOf, type MachineOptions } from "./machine.ts";

/** How much may go wrong, and how far to search. */
export interface ExploreOptions extends Partial<Budgets> {
  /** States after which the search gives up, with verdict `unknown`. 5,000,000 where nobody says. */
  readonly maxStates?: number;
}

const usualBudgets: Budgets = { drops: 0, copies: 0, cpuCrashes: 0, coordinatorCrashes: 0, secondCoordinator: 0, calls: 0, checks: 2 };
const usualStates = 5_000_000;

/** Where nobody asks for more CPUs or attempts: a second epoch begins while packets of the first are on their way. */
const usualCpus = 2;
const usualAttempts = 2;

/**
 * Tries every interleaving of a small machine (2 CPUs where nobody says, at most 5), each with at most so many faults, and says of each guarantee
 * of its model whether it holds; of one that does not, by which steps it breaks.
 */
export const explore = (machine: MachineOptions = {}, { maxStates = usualStates, ...budgets }: ExploreOptions = {}): Exploration => {
  const { setup } = configurationOf(machine, usualCpus);
  if (setup.cpus > exploreLimits.cpus) throw new BadInput("", "cpus", `${setup.cpus}: no more than ${exploreLimits.cpus} can be explored`);
  const attempts = machine.attempts === undefined ? Math.min(usualAttempts, setup.model.attempts) : setup.model.attempts;
  const explored = exploreSetupOf({ ...setup, model: { ...setup.model, attempts } }, { ...usualBudgets, ...budgets });
  const refusal = whyNotExplored(explored);
  if (refusal !== undefined) throw new BadInput("", "model", refusal);
  return exploreAll(explored, { maxStates, memoryIsFull: () => false, timeIsUp: () => false, progress: () => undefined });
};
