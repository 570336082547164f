// The monitors can see: every mutant is caught by those that are expected to, and the true machines on the same ground by none.
import { assert, describe, it } from "vitest";
import { hunt } from "../../loadtests/mutants/machine.ts";
import { Replay } from "../../shared/journal/replay.ts";
import { groundOf } from "../../shared/mutants/mutant.ts";
import { mutantNamed, mutants } from "../../shared/mutants/registry.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import { monitors } from "../../shared/oracle/registry.ts";
import type { TurnTaken } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import { catchesOf, runsUntilCaught } from "../../shared/virtual/hunt.ts";

/** How many runs a mutant gets before it counts as not caught: the slowest of them needs 26. */
const patience = { ...hunt, seeds: 60 };

describe("a mutant", () => {
  for (const mutant of mutants) {
    it(`${mutant.name} is caught by ${mutant.caughtBy.join(", ")}`, () => {
      const seen = runsUntilCaught(mutant, patience);
      assert.isNotEmpty(mutant.caughtBy);
      assert.includeMembers([...seen.keys()], [...mutant.caughtBy]);
    });
  }

  it("is what it is by its rule alone: on the same ground, under the same faults, the true machines break nothing", () => {
    for (const mutant of mutants) {
      const { mutant: _, ...truth } = groundOf(mutant, hunt.machineOf(mutant.model));
      assert.deepEqual([...catchesOf(truth, mutant.faults, { ...hunt, seeds: 60 })], [], mutant.name);
    }
  });

  it("has a name of its own, and a wrong name is answered with the nearest", () => {
    assert.lengthOf(new Set(mutants.map(({ name }) => name)), mutants.length);
    assert.throws(() => mutantNamed("majority-is-enuff"), /majority-is-enough/);
  });
});

describe("every monitor", () => {
  it("is tripped by a mutant", () => {
    const tripped = new Set(mutants.flatMap(({ caughtBy }) => caughtBy));
    assert.sameMembers(
      [...tripped],
      monitors.map(({ name }) => name),
    );
  });
});

describe("the run of a mutant", () => {
  const mutant = mutantNamed("prepare-skipped");
  const setup = groundOf(mutant, hunt.machineOf(mutant.model));
  const turns: TurnTaken[] = [];
  runVirtual({
    ...{ setup, plan: planOf([], 1).plan, timeLimitNs: hunt.timeLimitNs, eventLimit: hunt.eventLimit },
    observer: { turn: (turn) => turns.push(structuredClone(turn)), fault: () => undefined },
  });
  /** How many turns are taken again as they are recorded. */
  const takenAgain = (of: Setup): number => {
    const replay = new Replay(of);
    return turns.findIndex((turn) => replay.take({ ...turn, entries: [] }) !== undefined);
  };

  it("names it in its setup, and so is taken again by the same machines", () => {
    assert.strictEqual(setup.mutant, mutant.name);
    assert.strictEqual(takenAgain(setup), -1);
  });

  it("is no run of the true machines", () => {
    const { mutant: _, ...truth } = setup;
    assert.isAbove(takenAgain(truth), 0);
  });
});
