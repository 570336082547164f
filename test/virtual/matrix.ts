// Many seeds of one model on a small machine, for the matrix of models: what it breaks of its own guarantees, and of others'.
import type { Model } from "../../shared/consistency/model.ts";
import { prey } from "../../shared/mutants/grounds.ts";
import { judgeOf } from "../../shared/oracle/judgement.ts";
import { monitorsOf } from "../../shared/oracle/registry.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import { smallSetup, smallWorkload } from "../fixtures/setup.ts";

/** The model with the pauses of a small machine: what takes a real one seconds takes this one milliseconds. */
export const hastened = (model: Model): Model => ({
  ...model,
  retryNs: 100_000,
  gradual: model.gradual === null ? null : { ...model.gradual, checkNs: 1_000_000 },
});

/** Two functions of one call: whoever is between them when they change sees both versions. */
export const contract = prey.patch;

export const quietWorkload: Setup["workload"] = { ...smallWorkload, crossCalls: { perSecond: 50 } };

interface Tally {
  /** Guarantees of its own that it broke, with the seed of the first time. */
  readonly own: ReadonlyMap<string, number>;
  /** Guarantees of other models that it broke. */
  readonly foreign: ReadonlySet<string>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly ended: ReadonlySet<string>;
}

/** `seeds` runs from seed 1 on; `changes` are the same in all of them. */
export const tallyOf = (model: Model, seeds: number, changes: Partial<Setup> = {}): Tally => {
  const own = new Map<string, number>();
  const foreign = new Set<string>();
  const outcomes: Record<string, number> = {};
  const ended = new Set<string>();
  for (let seed = 1; seed <= seeds; seed++) {
    const setup = smallSetup({ model: hastened(model), workload: quietWorkload, patch: contract, seed, ...changes });
    const judge = judgeOf(setup);
    const { end, faults } = runVirtual({
      setup,
      plan: { seed, faults: [] },
      timeLimitNs: 1e9,
      eventLimit: 2e6,
      observer: judge.observer,
    });
    const judgement = judge.conclude(end, faults);
    for (const { monitor } of judgement.violations) if (!own.has(monitor)) own.set(monitor, seed);
    for (const { monitor } of judgement.foreign) foreign.add(monitor);
    outcomes[judgement.outcome] = (outcomes[judgement.outcome] ?? 0) + 1;
    ended.add(end.ended);
  }
  return { own, foreign, outcomes, ended };
};

const leaves: ReadonlyArray<Model["leave"]> = ["function", "patched-set", "kernel"];
const switches: ReadonlyArray<Model["switch"]> = ["function", "task", "kernel"];

/** True if `a` asks at least as much as `b` on both axes, and more on one. */
export const isStronger = (a: Model, b: Model): boolean => {
  const leave = leaves.indexOf(a.leave) - leaves.indexOf(b.leave);
  const unit = switches.indexOf(a.switch) - switches.indexOf(b.switch);
  return leave >= 0 && unit >= 0 && leave + unit > 0;
};

export const guaranteesOf = (model: Model): ReadonlySet<string> => new Set(monitorsOf(model).map(({ name }) => name));
