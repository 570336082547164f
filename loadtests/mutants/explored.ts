// A mutant on the smallest machine that shows it, every interleaving: what is broken first, after how many steps.
import { budgetsText } from "../../shared/explore/budgetsText.ts";
import { explore } from "../../shared/explore/explore.ts";
import { exploredMutant } from "../../shared/explore/mutantMachines.ts";
import { unlimited } from "../../shared/explore/search/search.ts";
import type { Mutant } from "../../shared/mutants/mutant.ts";
import type { Hunt } from "../../shared/virtual/hunt.ts";

export interface Explored {
  readonly cpus: number;
  readonly budgets: string;
  readonly states: number;
  /** Null of one that got away. */
  readonly broken: { readonly property: string; readonly steps: number } | null;
}

/** More states than any of them needs; by states and not by time, so that it is the same everywhere. */
const maxStates = 1_000_000;

export const exploredOf = (mutant: Mutant, { machineOf }: Hunt): Explored => {
  const setup = exploredMutant(mutant, machineOf);
  const { states, counterexample } = explore(setup, { ...unlimited, maxStates });
  const broken = counterexample && { property: counterexample.property, steps: counterexample.steps.length };
  return { cpus: setup.cpus, budgets: budgetsText(setup), states, broken };
};
