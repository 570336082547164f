// Statistics: quantiles, bootstrap intervals, paired differences and shares, held to known values.
import { assert, describe, it } from "vitest";
import { normal, stream } from "../../shared/machine/random.ts";
import { estimate, pairedDifference } from "../../shared/stats/estimate.ts";
import { ascending, quantile } from "../../shared/stats/quantile.ts";
import { wilson } from "../../shared/stats/wilson.ts";

const close = (actual: number, expected: number, by = 5e-5): void => assert.closeTo(actual, expected, by);

describe("a quantile", () => {
  it("is linear between its neighbours, as R's quantile and NumPy's percentile are", () => {
    const sample = ascending([15, 20, 35, 40, 50]);
    assert.deepStrictEqual(
      [0, 0.05, 0.25, 0.4, 0.5, 1].map((p) => quantile(sample, p)),
      [15, 16, 20, 29, 35, 50],
    );
    assert.strictEqual(quantile([1, 2, 3, 10], 0.5), 2.5);
  });

  it("of nothing, or beyond the sample, is refused", () => {
    assert.throws(() => quantile([], 0.5), "of nothing");
    assert.throws(() => quantile([1], 1.1), "no quantile at 1.1");
  });
});

describe("an estimate", () => {
  const sample = (seed: number, n: number): number[] => {
    const random = stream(seed, "sample");
    return Array.from({ length: n }, () => 100 + 15 * normal(random));
  };

  it("of one value has no interval, and of equal values none but that value", () => {
    assert.deepStrictEqual(estimate([7], "a"), { median: 7, low: null, high: null, n: 1 });
    assert.deepStrictEqual(estimate([7, 7, 7], "a"), { median: 7, low: 7, high: 7, n: 3 });
  });

  it("is the same for the same values in any order", () => {
    const values = sample(1, 40);
    assert.deepStrictEqual(estimate(values, "a"), estimate(values.toReversed(), "a"));
  });

  it("gives the interval that counting the resamples gives", () => {
    // The median of a resample of {0, 1, 2} is 0 with 7/27 and 2 with 7/27: both are more than 2.5 %.
    assert.deepInclude(estimate([0, 1, 2], "a"), { median: 1, low: 0, high: 2 });
    // Of seven values it is the least one with 1.0 % (binomial), one of the least two with 10.8 %: so the ends are the second ones.
    assert.deepInclude(estimate([1, 2, 3, 4, 5, 6, 7], "a"), { median: 4, low: 2, high: 6 });
  });

  it("holds the true median about 95 times in 100", () => {
    let held = 0;
    for (let seed = 0; seed < 400; seed++) {
      const { low, high } = estimate(sample(seed, 25), "a");
      if ((low as number) <= 100 && 100 <= (high as number)) held++;
    }
    assert.isAbove(held, 400 * 0.91);
    assert.isBelow(held, 400 * 0.985);
  });
});

describe("a paired difference", () => {
  it("is taken seed by seed, so that what the machines share falls out of it", () => {
    const base = new Map(Array.from({ length: 30 }, (_, seed) => [seed, seed * 1000]));
    const values = new Map([...base].map(([seed, value]) => [seed, value + 5]));
    assert.deepStrictEqual(pairedDifference(values, base, "a"), { median: 5, low: 5, high: 5, n: 30 });
  });

  it("leaves out seeds that only one of them has, and is null if they share none", () => {
    const values = new Map([
      [1, 10],
      [2, 99],
    ]);
    assert.deepStrictEqual(pairedDifference(values, new Map([[1, 4]]), "a"), { median: 6, low: null, high: null, n: 1 });
    assert.isNull(pairedDifference(values, new Map([[3, 4]]), "a"));
  });
});

describe("Wilson's interval", () => {
  it("has the known values", () => {
    const { low, high } = wilson(1, 10);
    close(low, 0.01788);
    close(high, 0.40415);
    const half = wilson(81, 263);
    close(half.low, 0.2553);
    close(half.high, 0.3662);
  });

  it("does not take none for never, nor all for always", () => {
    assert.strictEqual(wilson(0, 20).low, 0);
    close(wilson(0, 20).high, 0.16113);
    close(wilson(500, 500).low, 0.99238);
    assert.strictEqual(wilson(500, 500).high, 1);
  });

  it("refuses what is no share", () => {
    assert.throws(() => wilson(3, 2), "3 of 2");
    assert.throws(() => wilson(0, 0), "0 of 0");
  });
});
