// Laws of growth: planted ones are found again with honest intervals, scale changes nothing, and hostile points get a clear answer.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { normal, stream } from "../../shared/machine/random.ts";
import { lastOfExponential, lastOfNormal } from "../../shared/stats/laws/arrivals.ts";
import { chooseLaw } from "../../shared/stats/laws/choose.ts";
import { type Fit, fitLaw, predict } from "../../shared/stats/laws/fit.ts";
import { type FittedLaw, fitLaws } from "../../shared/stats/laws/fitLaws.ts";
import { parametersOf } from "../../shared/stats/laws/intervals.ts";
import type { Law, LawName } from "../../shared/stats/laws/law.ts";
import { curveOf, type Point } from "../../shared/stats/laws/points.ts";
import { laws } from "../../shared/stats/laws/registry.ts";

const sizes = [2, 16, 128, 1_024, 8_192, 65_536, 524_288, 1_048_576];
const smallSizes = [2, 4, 8, 16, 32, 64, 128, 256];

const planted: Readonly<Record<LawName, readonly number[]>> = {
  constant: [20],
  logarithm: [10, 3],
  line: [19, 11.8],
  "exponential-arrivals": [5, 4],
  "normal-arrivals": [10, 5],
  "heavy-tail": [5, 2, 0.4],
  scalability: [20, 0.1, 0.01],
};
const names = laws.map(({ name }) => name);

const lawOf = (name: LawName): Law => {
  const found = laws.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no law ${name}`);
  return found;
};

const curve = (name: LawName, at: readonly number[]): readonly Point[] =>
  at.map((x) => ({ x, y: lawOf(name).valueAt(x, planted[name]), low: null, high: null, n: 1 }));

/** Each point is off by a normal share of itself, and its interval says so. */
const noisy = (points: readonly Point[], share: number, seed: number): readonly Point[] => {
  const random = stream(seed, "noise");
  return points.map(({ x, y }) => {
    const error = share * y;
    const seen = y + error * normal(random);
    return { x, y: seen, low: seen - 1.96 * error, high: seen + 1.96 * error, n: 10 };
  });
};

const twins: readonly LawName[] = ["logarithm", "exponential-arrivals"];
const isRight = (found: LawName | undefined, name: LawName): boolean =>
  found === name || [found, name].every((one) => twins.includes(one as LawName));

describe("the last of N arrivals", () => {
  it("comes at the harmonic number of exponential times", () => {
    for (const [n, sum] of [
      [1, 1],
      [2, 1.5],
      [4, 25 / 12],
      [100, 5.187377517639621],
      [1_000_000, 14.392726722865724],
    ] as const) {
      assert.closeTo(lastOfExponential(n), sum, 1e-12);
    }
  });

  it("comes at the tabled maxima of normal times, within five percent", () => {
    for (const [n, mean] of [
      [2, 0.56419],
      [3, 0.84628],
      [10, 1.53875],
      [100, 2.50759],
      [1_000, 3.24144],
    ] as const) {
      assert.closeTo(lastOfNormal(n) / mean, 1, n < 10 ? 0.05 : 0.01);
    }
    assert.closeTo(lastOfNormal(1), 0, 1e-9);
  });
});

describe("a planted law", () => {
  it.each(names)("is chosen where nothing is off, with its parameters: %s", (name) => {
    const { chosen } = fitLaws(curve(name, sizes), "exact");
    assert.strictEqual(chosen?.law.name, name);
    for (const [k, value] of (chosen as FittedLaw).values.entries()) assert.closeTo(value / (planted[name][k] as number), 1, 1e-4);
  });

  it.each(names)("is chosen in nine of ten trials where each point is off by two percent: %s", (name) => {
    const count = 100;
    const found = Array.from({ length: count }, (_, seed) => chooseLaw(curveOf(noisy(curve(name, sizes), 0.02, seed))).chosen?.law.name);
    assert.isAtLeast(found.filter((one) => isRight(one, name)).length, 0.9 * count);
  });

  it.each(["constant", "logarithm", "normal-arrivals", "line", "scalability"] as const)(
    "has each parameter in its interval about 95 times in 100: %s",
    (name) => {
      const count = 150;
      const held = planted[name].map(() => 0);
      for (let seed = 0; seed < count; seed++) {
        const points = curveOf(noisy(curve(name, smallSizes), 0.02, seed));
        const parameters = parametersOf(fitLaw(lawOf(name), points) as Fit, points, "held");
        for (const [k, { low, high }] of parameters.entries()) {
          const truth = planted[name][k] as number;
          if ((low as number) <= truth && truth <= (high as number)) held[k] = (held[k] as number) + 1;
        }
      }
      // Four standard errors of the share below, and not so wide that they hold always.
      for (const hits of held) {
        assert.isAtLeast(hits / count, 0.88);
        assert.isBelow(hits, count);
      }
    },
  );

  it("is not claimed where it drowns: several laws then fit as well, and none of them is enough for the others", () => {
    const count = 100;
    const choices = Array.from({ length: count }, (_, seed) => chooseLaw(curveOf(noisy(curve("normal-arrivals", smallSizes), 0.1, seed))));
    const unsure = choices.filter(({ chosen }) => chosen === null);
    assert.isAbove(unsure.length, count / 4);
    for (const { alike } of unsure) assert.isAbove(alike.length, 1);
  });
});

describe("fitting laws", () => {
  it("says what it found, in words", () => {
    const say = (name: LawName): string => fitLaws(curve(name, sizes), "words", { of: "CPUs", unit: "us" }).sentence;
    assert.strictEqual(say("line"), "grows as 19 us + 11.8 us x CPUs (R2 1)");
    assert.strictEqual(say("constant"), "stays at 20 us for any number of CPUs");
    assert.include(say("scalability"), "20 us x (1 + 0.1 (N - 1) + 0.01 N (N - 1)) with N for CPUs");
  });

  it("says from where on a law holds that begins below nothing", () => {
    const points = smallSizes.slice(3).map((x) => ({ x, y: 21 * lastOfExponential(x) - 28, low: null, high: null, n: 1 }));
    assert.match(
      fitLaws(points, "below", { of: "tasks", unit: "us" }).sentence,
      /^grows as -28 us .*; from N = 16 on, for it begins below 0/,
    );
  });

  it("claims no law of many parts of an amount", () => {
    for (const name of ["scalability", "exponential-arrivals", "normal-arrivals", "heavy-tail"] as const) {
      const { fits } = fitLaws(curve(name, sizes), "amount", { of: "ms", unit: "us", isAmount: true });
      assert.sameMembers(
        fits.map(({ law }) => law.name),
        ["constant", "logarithm", "line"],
      );
    }
  });

  it("claims no scalability where nothing is due to agreeing, and does not name it where nothing is due to waiting", () => {
    const of = (values: readonly number[]) => {
      const points = smallSizes.map((x) => ({ x, y: lawOf("scalability").valueAt(x, values), low: null, high: null, n: 1 }));
      return fitLaws(points, "vanishing", { of: "CPUs", unit: "us" });
    };
    for (const [values, name] of [
      [[20, 0, 1e-11], "constant"],
      [[20, 0.1, 1e-9], "line"],
    ] as const) {
      const { chosen, fits } = of(values);
      assert.strictEqual(chosen?.law.name, name);
      assert.notInclude(
        fits.map(({ law }) => law.name),
        "scalability",
      );
    }
    assert.include(of([20, 0, 1e-4]).sentence, "20 us x (1 + 0.0001 N (N - 1)) with N for CPUs, with their square");
  });

  it("claims no law that is far off, though every other be worse", () => {
    const jump = smallSizes.map((x) => ({ x, y: x < 64 ? 1 : 1_000, low: null, high: null, n: 1 }));
    const { chosen, sentence } = fitLaws(jump, "jump");
    assert.isNull(chosen);
    assert.match(sentence, /^cannot tell how it grows: the nearest law, [\w-]+, is off by [\d,.]+ % at a point$/);
  });

  it("flags what lies beyond the sizes that were seen", () => {
    const fit = fitLaws(curve("line", sizes), "far").chosen as FittedLaw;
    assert.deepInclude(predict(fit, 1_024), { isExtrapolated: false });
    assert.isTrue(predict(fit, 2_097_152).isExtrapolated);
    assert.closeTo(predict(fit, 2_097_152).y, 19 + 11.8 * 2_097_152, 1);
  });

  it("trusts a point by its interval", () => {
    const points = noisy(curve("line", smallSizes), 0.01, 1);
    const wild = points.map((point, i) => (i === 7 ? { ...point, y: 3 * point.y, low: 0.1 * point.y, high: 8 * point.y } : point));
    const slope = fitLaw(lawOf("line"), curveOf(wild))?.values[1];
    assert.closeTo(slope as number, 11.8, 0.3);
  });

  it("gives the same for points in any order, and for the same name", () => {
    const points = noisy(curve("line", sizes), 0.05, 3);
    assert.deepStrictEqual(fitLaws(points, "a"), fitLaws(points.toReversed(), "a"));
    assert.notDeepEqual(fitLaws(points, "a").fits, fitLaws(points, "b").fits);
  });

  it("does not depend on the unit", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.constantFrom(1e-9, 1e-3, 1e6), fc.nat({ max: 100 }), (name, unit, seed) => {
        const points = noisy(curve(name, sizes), 0.02, seed);
        const other = points.map(({ x, y, low, high, n }) => ({
          x,
          y: y * unit,
          low: (low as number) * unit,
          high: (high as number) * unit,
          n,
        }));
        const [one, two] = [fitLaws(points, "unit"), fitLaws(other, "unit")];
        assert.deepStrictEqual(one.alike, two.alike);
        assert.strictEqual(one.chosen?.law.name, two.chosen?.law.name);
        const first = ({ chosen }: typeof one): number => chosen?.parameters[0]?.low ?? 0;
        assert.closeTo(first(two), first(one) * unit, 1e-3 * Math.abs(first(one) * unit));
      }),
      { numRuns: 12 },
    );
  });
});

describe("hostile points", () => {
  const point = (x: number, y: number): Point => ({ x, y, low: null, high: null, n: 1 });

  it("that are too few, or all of one size, get no law and the reason", () => {
    for (const points of [[], [point(8, 5)], Array.from({ length: 9 }, (_, i) => point(8, i)), curve("line", [2, 4, 8, 16])]) {
      const { chosen, sentence } = fitLaws(points, "few");
      assert.isNull(chosen);
      assert.match(sentence, /^cannot tell how it grows: \d sizes with a value, and at least 5 are needed$/);
    }
  });

  it("that are no numbers, or sizes below one, are left out", () => {
    const good = curve("line", sizes);
    const bad = [point(Number.NaN, 1), point(4, Number.NaN), point(4, Number.POSITIVE_INFINITY), point(0, 3), point(-7, 3)];
    assert.deepStrictEqual(fitLaws([...bad, ...good], "left out"), fitLaws(good, "left out"));
  });

  it("that are all zero stay at zero", () => {
    assert.strictEqual(
      fitLaws(
        sizes.map((x) => point(x, 0)),
        "zero",
      ).sentence,
      "stays at 0 for any number of N",
    );
  });

  it("of any kind give one answer without throwing, and never a parameter that is no number", () => {
    const value = fc.oneof(fc.double(), fc.integer({ min: 1, max: 9 }), fc.double({ min: 1, max: 1e6, noNaN: true }));
    const end = fc.option(value);
    const points = fc.array(fc.record({ x: value, y: value, low: end, high: end, n: fc.integer({ min: 1, max: 99 }) }), { maxLength: 9 });
    fc.assert(
      fc.property(points, (list) => {
        const { chosen, fits, sentence } = fitLaws(list, "any");
        assert.isTrue(fits.every(({ parameters }) => parameters.every((one) => Number.isFinite(one.value))));
        assert.strictEqual(sentence.startsWith("cannot tell"), chosen === null);
      }),
      { numRuns: 60 },
    );
  });
});
