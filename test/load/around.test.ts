// The time around operations: a stop is a gap in what is answered, told in the bins of it and in no other.
import { assert, describe, it } from "vitest";
import { dipFigure } from "../../shared/figure/dip.ts";
import { Around } from "../../shared/load/around.ts";
import type { OperationWindow } from "../../shared/load/windows.ts";

const everyNs = 10_000;
const stopNs = 500_000;
const openings = [20e6, 40e6, 60e6];

const windows: readonly OperationWindow[] = openings.map((openedAt) => ({
  operation: "patch",
  openedAt,
  closedAt: openedAt + stopNs,
  outcome: "committed",
}));

/** One request each 10 us that takes 50 us, but for those that arrive during a stop, which wait for its end. */
const stopped = (): Around => {
  const around = new Around();
  for (let at = 0; at < 80e6; at += everyNs) {
    const hit = windows.find(({ openedAt, closedAt }) => at >= openedAt && at < closedAt);
    const done = (hit?.closedAt ?? at) + 50_000;
    around.add(done, done - at);
  }
  return around;
};

describe("the time around operations", () => {
  const felt = stopped().felt(windows, 1e9 / everyNs);
  assert.isNotNull(felt);
  const { operations, durationUs, binUs, fromUs, perSecond, p99Us, p99BinUs } = felt as NonNullable<typeof felt>;
  const binAt = (us: number): number => Math.floor((us - fromUs) / binUs);

  it("lays operations on each other: what is usual before, nothing during a stop, all that waited after it", () => {
    assert.deepStrictEqual([operations, durationUs], [3, stopNs / 1000]);
    assert.closeTo(perSecond[binAt(-500)] ?? 0, 1e9 / everyNs, 0.2 * (1e9 / everyNs));
    for (let us = 110; us < 450; us += binUs) assert.strictEqual(perSecond[binAt(us)], 0);
    const after = Math.max(...perSecond);
    assert.strictEqual(perSecond.indexOf(after), binAt(stopNs / 1000 + 50));
    assert.isAbove(after, 3e5);
  });

  it("tells how slow the slow ones were where enough were answered, and nothing where none was", () => {
    const bin = (us: number): number => Math.floor((us - fromUs) / p99BinUs);
    assert.isNull(p99Us[bin(200)]);
    assert.isAbove(p99Us[bin(560)] ?? 0, 400);
    assert.closeTo(p99Us[bin(-800)] ?? 0, 50, 1);
  });

  it("says nothing of operations that never ended, or ended after all that is known", () => {
    assert.isNull(stopped().felt([{ operation: "patch", openedAt: 20e6, closedAt: Infinity, outcome: null }], 1e5));
    assert.isNull(stopped().felt([{ operation: "patch", openedAt: 79.9e6, closedAt: 79.95e6, outcome: "committed" }], 1e5));
  });

  it("is drawn with a line that breaks where nothing is known, and a bar for how long an operation takes", () => {
    const binned = (values: ReadonlyArray<number | null>) => ({ fromNs: -2_000, binNs: 1_000, values });
    const models = [{ model: "simple", durationNs: 1_500, perSecond: binned([5, 5, 0, 9]), p99Us: binned([1, null, 2, 2]) }];
    const svg = dipFigure({ title: "a dip", subtitle: "of one model", models });
    const lines = [...svg.matchAll(/<path d="([^"]+)" fill="none" stroke="#0072B2"/g)].map(([, d]) => (d?.match(/M/g) ?? []).length);
    assert.deepStrictEqual(lines, [1, 2]);
    assert.include(svg, 'class="operation"');
    assert.include(svg, "simple: an operation takes 1.5 µs");
    assert.notInclude(svg, "NaN");
  });
});
