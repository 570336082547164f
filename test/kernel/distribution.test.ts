// What is drawn follows the distribution that a workload gives; what a random moment meets is longer, by as much as it should be.
import { assert, describe, it } from "vitest";
import { type Distribution, draw, drawMet, drawRest, mean, partOf, samplerOf } from "../../shared/kernel/distribution.ts";
import { type Random, stream, uniform } from "../../shared/machine/random.ts";

const distributions: Readonly<Record<string, Distribution>> = {
  constant: { kind: "constant", ns: 5_000 },
  exponential: { kind: "exponential", meanNs: 20_000 },
  "log-normal": { kind: "log-normal", medianNs: 800, sigma: 1, maxNs: 1e9 },
  "a log-normal that is cut": { kind: "log-normal", medianNs: 10_000, sigma: 1.5, maxNs: 40_000 },
  "quantiles with a long tail": { kind: "quantiles", ns: [100, 200, 250, 400, 900, 5_000, 80_000] },
  "one quantile": { kind: "quantiles", ns: [700] },
};

const count = 60_000;

const drawn = (take: () => number): Float64Array => new Float64Array(count).map(take).sort();
const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The largest distance between the shares of two samples below any value (Kolmogorov and Smirnov), ties taken together. */
const distance = (a: Float64Array, b: Float64Array): number => {
  let [i, j, most] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] as number, b[j] as number);
    while (i < a.length && (a[i] as number) <= value) i++;
    while (j < b.length && (b[j] as number) <= value) j++;
    most = Math.max(most, Math.abs(i / a.length - j / b.length));
  }
  return most;
};

/** Two samples of this size from one distribution are further apart about once in ten thousand times. */
const far = 2.2 * Math.sqrt(2 / count);

/** By brute force: intervals are laid end to end, and at a random moment one sees which it is. */
const met = (distribution: Distribution, random: Random): (() => number) => {
  const sampler = samplerOf(distribution);
  const ends: number[] = [];
  let end = 0;
  for (let i = 0; i < 20 * count; i++) {
    end += draw(sampler, random);
    ends.push(end);
  }
  return () => {
    const moment = uniform(random) * end;
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) > moment) high = middle;
      else low = middle + 1;
    }
    return (ends[low] as number) - (ends[low - 1] ?? 0);
  };
};

describe.each(Object.entries(distributions))("%s", (name, distribution) => {
  const random = stream(1, name);
  const sampler = samplerOf(distribution);

  it("is drawn in whole nanoseconds, never in none", () => {
    for (let i = 0; i < 5_000; i++) {
      for (const ns of [draw(sampler, random), drawMet(sampler, random), drawRest(sampler, random)]) {
        assert.isTrue(Number.isSafeInteger(ns) && ns >= 1, `${ns}`);
      }
    }
  });

  it("has the mean that it says", () => {
    const average = meanOf(drawn(() => draw(sampler, random)));
    assert.closeTo(average / mean(distribution), 1, 0.04);
  });

  it("is met at a random moment as brute force meets it", () => {
    const direct = drawn(() => drawMet(sampler, random));
    const byForce = drawn(met(distribution, random));
    assert.isBelow(distance(direct, byForce), far);
  });

  it("is left, at a random moment, for half of what is met", () => {
    const rest = drawn(() => drawRest(sampler, random));
    const half = drawn(() => partOf(drawMet(sampler, random), random));
    assert.isBelow(distance(rest, half), far);
  });
});

describe("nothing takes no time", () => {
  const random = stream(2, "floor");

  it("a distribution whose values are below 1 ns gives 1 ns", () => {
    for (const distribution of [
      { kind: "constant", ns: 0 },
      { kind: "exponential", meanNs: 0.001 },
      { kind: "quantiles", ns: [0, 0, 0] },
    ] satisfies Distribution[]) {
      assert.strictEqual(draw(samplerOf(distribution), random), 1);
      assert.strictEqual(drawMet(samplerOf(distribution), random), 1);
      assert.strictEqual(mean(distribution), 1);
    }
  });
});
