// Hunts a mutant in virtual time: runs of it under swarms of faults, seed after seed, for a monitor to fire.
import type { Model } from "../consistency/model.ts";
import { groundOf, type Mutant } from "../mutants/mutant.ts";
import { type Plan, planOf } from "../nemesis/plan.ts";
import { swarmPlan } from "../nemesis/swarm.ts";
import { judgeOf } from "../oracle/judgement.ts";
import type { Violation } from "../oracle/monitor.ts";
import type { Setup } from "../protocol/setup.ts";
import { runVirtual } from "./engine.ts";

export interface Hunt {
  /** The machine to hunt on, for whatever model the mutant shows on. */
  readonly machineOf: (model: Model) => Setup;
  /** Seeds from 1 to this one, unless it is caught before. */
  readonly seeds: number;
  readonly timeLimitNs: number;
  /** A mutant may talk to itself for ever. */
  readonly eventLimit: number;
}

/** A run in which monitors fired. */
export interface Catch {
  readonly seed: number;
  readonly violations: readonly Violation[];
}

/** Every catch among the seeds, one after the other, as far as somebody asks for them. `faults` are there in every run. */
export function* catchesOf(setup: Setup, faults: readonly string[], hunt: Hunt): Generator<Catch, undefined> {
  for (let seed = 1; seed <= hunt.seeds; seed++) {
    const violations = violationsOf({ ...setup, seed }, planFor(setup, faults, seed), hunt);
    if (violations.length > 0) yield { seed, violations };
  }
}

/** The faults that are there in every run, and those that the seed draws. */
export const planFor = (setup: Setup, texts: readonly string[], seed: number): Plan => {
  const { plan, problems } = planOf(texts, seed);
  const [problem] = problems;
  if (problem !== undefined) throw new Error(`${problem.message} (in "${problem.text}")`);
  return { seed, faults: [...plan.faults, ...swarmPlan(seed, setup)] };
};

const violationsOf = (setup: Setup, plan: Plan, { timeLimitNs, eventLimit }: Hunt): readonly Violation[] => {
  const judge = judgeOf(setup);
  const { end, faults } = runVirtual({ setup, plan, timeLimitNs, eventLimit, observer: judge.observer });
  return judge.conclude(end, faults).violations;
};

/** For each monitor the run in which it first saw the mutant, until all have that are expected to. */
export const runsUntilCaught = (mutant: Mutant, hunt: Hunt): ReadonlyMap<string, number> => {
  const seen = new Map<string, number>();
  for (const { seed, violations } of catchesOf(groundOf(mutant, hunt.machineOf(mutant.model)), mutant.faults, hunt)) {
    for (const { monitor } of violations) if (!seen.has(monitor)) seen.set(monitor, seed);
    if (mutant.caughtBy.every((monitor) => seen.has(monitor))) break;
  }
  return seen;
};
