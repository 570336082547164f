// What the benchmarks say of their samples: who takes turns, what the interval encloses, and when a target counts as met.
import { assert, describe, it } from "vitest";
import { interleave, type Row, row, type Target } from "../../loadtests/bench/measure.ts";

const atMost: Target = { of: "ratio", bound: "at most", value: 2 };

/** The row of subjects over a floor of 1. */
const rowOf = (subjects: readonly number[], target: Target): Row =>
  row(
    { name: "round", unit: "µs", key: "us", target },
    subjects.map((us) => ({ subject: { us }, floor: { us: 1 } })),
  );

describe("measure", () => {
  it("subject and floor take turns, and take turns to be first", async () => {
    const order: string[] = [];
    const sampler = (name: string) => async () => ({ us: order.push(name) });
    await interleave(3, sampler("subject"), sampler("floor"));
    assert.deepStrictEqual(order, ["floor", "subject", "subject", "floor", "floor", "subject"]);
  });

  it("seven trials give the whole range, eleven leave the two outermost out", () => {
    assert.strictEqual(rowOf([1, 2, 3, 4, 5, 6, 7], atMost)[3], "4.00 [1.00, 7.00]");
    assert.strictEqual(rowOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], atMost)[3], "6.00 [2.00, 10.0]");
  });

  it("a target is met, or missed, only by the whole interval", () => {
    assert.strictEqual(rowOf([1, 1.5, 2], atMost)[5], "yes");
    assert.strictEqual(rowOf([1, 1.5, 2.1], atMost)[5], "unclear");
    assert.strictEqual(rowOf([2.1, 2.2, 3], atMost)[5], "no");
    assert.strictEqual(rowOf([2, 3], { of: "subject", bound: "at least", value: 2.5 })[5], "unclear");
    assert.strictEqual(rowOf([2.6, 3], { of: "subject", bound: "at least", value: 2.5 })[5], "yes");
  });

  it("a floor alone has no ratio and no verdict", () => {
    const alone = row({ name: "round", unit: "µs", key: "us", target: atMost }, [{ subject: undefined, floor: { us: 3 } }]);
    assert.deepStrictEqual(alone, ["round, µs", "", "3.00 [3.00, 3.00]", "", "≤ 2 ×", ""]);
  });
});
