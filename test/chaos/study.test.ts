// A study's parts: what a seed draws, how runs are added up, what tells failures apart.
import { assert, describe, it } from "vitest";
import { drawSettings, modelOfSeed } from "../../shared/chaos/draw.ts";
import { signatureOf } from "../../shared/chaos/signature.ts";
import { addTrial, emptyTally } from "../../shared/chaos/tally.ts";
import { type Trial, takeTrial } from "../../shared/chaos/trial.ts";
import { kgraft } from "../../shared/consistency/kgraft.ts";
import { models } from "../../shared/consistency/registry.ts";
import { swarmPlan } from "../../shared/nemesis/swarm.ts";
import { addValue, emptyHistogram, quantileOf } from "../../shared/stats/histogram.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { hastened } from "../virtual/matrix.ts";

const seeds = Array.from({ length: 400 }, (_, i) => i);

const trialOf = (seed: number, mutant?: string): Trial => {
  const model = hastened(modelOfSeed(seed, models));
  const setup = smallSetup({ seed, model, ...(mutant !== undefined && { mutant }) });
  return takeTrial({ setup, plan: { seed, faults: swarmPlan(seed, setup) }, timeLimitNs: 5e7, eventLimit: 200_000 });
};

describe("a seed", () => {
  it("gives every model its turn", () => {
    assert.sameMembers([...new Set(seeds.map((seed) => modelOfSeed(seed, models)))], [...models]);
  });

  it("draws every kind of setting in some runs and leaves it in others", () => {
    const drawn = seeds.map((seed) => drawSettings(seed, models[0] as (typeof models)[number]));
    for (const name of ["then", "limit", "attempts"] as const) {
      const given = drawn.filter((one) => one[name] !== undefined).length;
      assert.isAbove(given, 0, name);
      assert.isBelow(given, seeds.length, name);
    }
  });

  it("never forces what was not told to be forced", () => {
    for (const seed of seeds) assert.isUndefined(drawSettings(seed, kgraft).limit);
  });
});

describe("a tally", () => {
  it("is the same whether it is added up at once or through a file in the middle", () => {
    const trials = seeds.slice(0, 60).map((seed) => trialOf(seed));
    const once = emptyTally([]);
    for (const trial of trials) addTrial(once, trial);
    let halves = emptyTally([]);
    for (const trial of trials.slice(0, 25)) addTrial(halves, trial);
    halves = JSON.parse(JSON.stringify(halves));
    for (const trial of trials.slice(25)) addTrial(halves, trial);
    assert.deepStrictEqual(halves, once);
    assert.strictEqual(once.runs, 60);
    assert.strictEqual(once.failed, 0);
  });

  it("keeps of runs that fail alike the first one and their number", () => {
    const tally = emptyTally([]);
    for (const seed of [6, 12]) addTrial(tally, trialOf(seed, "majority-is-enough"));
    assert.strictEqual(tally.failed, 2);
    const [failure, ...others] = Object.values(tally.failures);
    assert.deepInclude(failure, { seed: 6, index: 0, runs: 2, model: "simple", monitor: "rounds", phase: "prepare" });
    assert.deepStrictEqual(others, []);
  });

  it("counts in how many runs each kind of fault was there and in how many it struck", () => {
    const tally = emptyTally([]);
    for (const seed of seeds.slice(0, 200)) addTrial(tally, trialOf(seed));
    for (const [word, { runs, struck }] of Object.entries(tally.faults)) {
      assert.isAbove(struck, 0, word);
      assert.isAtMost(struck, runs, word);
    }
    assert.includeMembers(Object.keys(tally.reached), ["a retry succeeded", "a coordinator took over"]);
  });
});

describe("a signature", () => {
  const failure = { model: "simple", monitor: "rounds", phase: "run", reason: "cpu 3, 4 and 17 of epoch 2 waited 3.5 ms" } as const;

  it("does not tell apart what differs in numbers only", () => {
    assert.strictEqual(signatureOf(failure), signatureOf({ ...failure, reason: "cpu 1 of epoch 12 waited 20 ms" }));
  });

  it("tells apart models, monitors, phases and reasons", () => {
    const others = [{ model: "kpatch" }, { monitor: "released" }, { phase: "exit" as const }, { reason: "cpu 3 died" }];
    for (const other of others) assert.notStrictEqual(signatureOf(failure), signatureOf({ ...failure, ...other }));
  });
});

describe("a histogram", () => {
  it("gives every quantile to within its buckets, and the largest value exactly", () => {
    const histogram = emptyHistogram();
    for (let value = 0; value <= 10_000; value++) addValue(histogram, value);
    for (const p of [0.01, 0.5, 0.9, 0.99]) {
      const found = quantileOf(histogram, p) ?? Number.NaN;
      assert.isAtLeast(found, 10_000 * p * 0.999);
      assert.isAtMost(found, 10_000 * p * 1.023);
    }
    assert.strictEqual(quantileOf(histogram, 1), 10_000);
    assert.isNull(quantileOf(emptyHistogram(), 0.5));
  });
});
