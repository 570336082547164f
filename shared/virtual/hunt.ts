// Hunts a mutant in virtual time: runs of it under swarms of faults, seed after seed, until a monitor fires.
import type { Model } from "../consistency/model.ts";
import { groundOf, type Mutant } from "../mutants/mutant.ts";
import { type Plan, planOf } from "../nemesis/plan.ts";
import { swarmPlan } from "../nemesis/swarm.ts";
import { judgeOf } from "../oracle/judgement.ts";
import type { Violation } from "../oracle/monitor.ts";
import type { Setup } from "../protocol/setup.ts";
import { runVirtual } from "./engine.ts";

/** A run whose monitors fired, in which of the seeds, and on how many it took to come to it. */
export interface Catch {
  readonly seed: number;
  readonly runs: number;
  readonly plan: Plan;
  readonly violations: readonly Violation[];
}

export interface Hunt {
  /** The machine to hunt on, for whatever model the mutant shows on. */
  readonly machineOf: (model: Model) => Setup;
  /** From which seed on, and how many at most. */
  readonly from: number;
  readonly seeds: number;
  readonly timeLimitNs: number;
  /** A mutant may talk to itself for ever. */
  readonly eventLimit: number;
}

export const catchMutant = (mutant: Mutant, hunt: Hunt): Catch | null => {
  const ground = groundOf(mutant, hunt.machineOf(mutant.model));
  for (let runs = 1; runs <= hunt.seeds; runs++) {
    const seed = hunt.from + runs - 1;
    const plan = planFor(mutant, ground, seed);
    const violations = judged({ ...ground, seed }, plan, hunt);
    if (violations.length > 0) return { seed, runs, plan, violations };
  }
  return null;
};

/** The faults that it needs, in a swarm of others. */
export const planFor = ({ name, faults }: Mutant, setup: Setup, seed: number): Plan => {
  const { plan, problems } = planOf(faults, seed);
  if (problems[0] !== undefined) throw new Error(`mutant ${name}: ${problems[0].message}`);
  return { seed, faults: [...plan.faults, ...swarmPlan(seed, setup)] };
};

const judged = (setup: Setup, plan: Plan, { timeLimitNs, eventLimit }: Hunt): readonly Violation[] => {
  const judge = judgeOf(setup);
  const { end, faults } = runVirtual({ setup, plan, timeLimitNs, eventLimit, observer: judge.observer });
  return judge.conclude(end, faults).violations;
};
