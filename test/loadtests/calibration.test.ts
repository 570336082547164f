// The calibration: the committed page is what the command makes, and its verdicts follow from the numbers.
import { readFileSync } from "node:fs";
import { assert, describe, it } from "vitest";
import { chapters } from "../../loadtests/calibration/chapters.ts";
import { documentOf } from "../../loadtests/calibration/document.ts";
import { between, digits, exactly, type Line, verdictOf } from "../../loadtests/calibration/line.ts";
import { fit, type Spread, spreadOf } from "../../loadtests/calibration/sample.ts";

const verdict = (simulated: Spread, published: Spread, given = false): string =>
  verdictOf({ quantity: "time", unit: "s", simulated, published, given, source: "somebody", why: "" } satisfies Line);

describe("calibration", () => {
  it("docs/calibration.md is what `npm run calibrate` makes of this tree", () => {
    const committed = readFileSync(new URL("../../docs/calibration.md", import.meta.url), "utf8");
    assert.deepStrictEqual(committed.split("\n"), documentOf(chapters()).split("\n"));
  });

  it("a figure matches if one's middle lies in the other's range, or is the same to a tenth", () => {
    assert.strictEqual(verdict(spreadOf([0.8, 1.2, 1.7]), exactly(1.36)), "matches");
    assert.strictEqual(verdict(exactly(2), between(1.5, 3)), "matches");
    assert.strictEqual(verdict(exactly(1.09), exactly(1)), "matches");
    assert.strictEqual(verdict(exactly(0.89), exactly(1)), "within 1.12 ×");
  });

  it("more than twice off is a miss, and the verdict says which way", () => {
    assert.strictEqual(verdict(exactly(2), exactly(1)), "within 2 ×");
    assert.strictEqual(verdict(exactly(2.1), exactly(1)), "misses: 2.10 × too large");
    assert.strictEqual(verdict(spreadOf([0.7, 1.2, 1.7]), exactly(3.6)), "misses: 3 × too small");
  });

  it("agreement with the publication that a constant was taken from is called given and never a match", () => {
    assert.strictEqual(verdict(exactly(1), exactly(1), true), "given");
    assert.strictEqual(verdict(exactly(1.5), exactly(1), true), "given, within 1.50 ×");
    assert.strictEqual(verdict(exactly(3), exactly(1), true), "misses: 3 × too large");
  });

  it("a straight line is found, and how much of the points it explains", () => {
    const line = fit([1, 2, 4, 8].map((x) => ({ x, y: 3 + 2 * x })));
    assert.deepEqual([line.slope, line.intercept, line.r2].map(digits), ["2", "3", "1"]);
    const noisy = fit([
      { x: 0, y: 0 },
      { x: 1, y: 1 },
      { x: 2, y: 0 },
    ]);
    assert.deepEqual([noisy.slope, noisy.r2], [0, 0]);
  });
});
