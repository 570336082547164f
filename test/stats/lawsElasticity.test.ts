// Elasticities: what is proportional has one of 1, what does not depend has none, and a curve's end is told apart from all of it.
import { assert, describe, it } from "vitest";
import { verdict } from "../../loadtests/scaling/verdict.ts";
import { normal, stream } from "../../shared/machine/random.ts";
import { elasticityOf } from "../../shared/stats/laws/elasticity.ts";
import type { Point } from "../../shared/stats/laws/points.ts";

const sizes = [4, 8, 16, 32, 64, 128, 256, 512];
const curve = (of: (x: number) => number): readonly Point[] => sizes.map((x) => ({ x, y: of(x), low: null, high: null, n: 1 }));

describe("an elasticity", () => {
  it("is 1 of what is proportional, 0 of what does not depend, and the power of a power", () => {
    for (const [of, slope] of [
      [(x: number) => 3 * x, 1],
      [() => 3, 0],
      [(x: number) => 5 * x ** 1.5, 1.5],
    ] as const) {
      const found = elasticityOf(curve(of), "a");
      assert.closeTo(found?.overall.value as number, slope, 1e-9);
      assert.closeTo(found?.atEnd.value as number, slope, 1e-9);
    }
  });

  it("of a constant and a part that grows comes to 1 only at the end", () => {
    const found = elasticityOf(
      curve((x) => 50 + x),
      "a",
    );
    assert.isBelow(found?.overall.value as number, 0.5);
    assert.isAbove(found?.atEnd.value as number, 0.6);
  });

  it("has intervals that hold the true one about 95 times in 100", () => {
    const held = { overall: 0, atEnd: 0 };
    for (let seed = 0; seed < 150; seed++) {
      const random = stream(seed, "noise");
      const points = curve((x) => 7 * x ** 0.8).map((point) => {
        const y = point.y * Math.exp(0.05 * normal(random));
        return { ...point, y, low: y * 0.902, high: y * 1.098, n: 9 };
      });
      const found = elasticityOf(points, "held");
      for (const part of ["overall", "atEnd"] as const) {
        const { low, high } = found?.[part] ?? {};
        if ((low as number) <= 0.8 && 0.8 <= (high as number)) held[part]++;
      }
    }
    for (const count of Object.values(held)) {
      assert.isAtLeast(count, 150 * 0.88);
      assert.isBelow(count, 150);
    }
  });

  it("needs four sizes with a time above nothing", () => {
    assert.isNull(
      elasticityOf(
        curve((x) => (x < 128 ? 0 : x)),
        "a",
      ),
    );
    assert.isNull(elasticityOf([], "a"));
  });
});

describe("the verdict on a resource", () => {
  const slope = (low: number | null, high: number | null) => verdict({ name: "elasticity", value: 0.5, low, high });

  it("is one word where the interval lies within one, both where it reaches over an edge, and none beyond that", () => {
    assert.deepStrictEqual(
      [slope(-0.01, 0.01), slope(0.3, 0.7), slope(0.95, 1.05), slope(1.3, 2), slope(-3, -1), slope(0.7, 0.9), slope(0, 0.3)],
      ["no", "in part", "**in proportion**", "**more than in proportion**", "falls", "in part or **in proportion**", "no or in part"],
    );
    assert.deepStrictEqual([slope(0.5, 1.5), slope(null, null)], ["cannot tell", "cannot tell"]);
  });
});
