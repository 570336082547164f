// What a soak calls growth: what goes on to the end, and neither a warm-up, nor a step, nor what goes up and down.
import { assert, describe, it } from "vitest";
import { grows, trendOf } from "../../loadtests/soak/trend.ts";

const judged = (valueAt: (second: number) => number, quantity: "megabytes" | "files" = "megabytes"): boolean => {
  const trend = trendOf(Array.from({ length: 200 }, (_, seconds) => ({ seconds, value: valueAt(seconds) })));
  assert.isNotNull(trend);
  return trend !== null && grows(trend, quantity);
};

const sawtooth = (second: number): number => 90 + (second % 17);

describe("trend", () => {
  it("calls a leak growth, also one that goes up and down on its way", () => {
    assert.isTrue(judged((second) => 90 + 0.1 * second));
    assert.isTrue(judged((second) => sawtooth(second) + 0.2 * second));
    assert.isTrue(judged((second) => 25 + Math.floor(second / 20), "files"));
  });

  it("calls nothing growth that comes to an end: a warm-up, a step, ups and downs, one file more", () => {
    assert.isFalse(judged((second) => 90 - 60 * Math.exp(-second / 15)));
    assert.isFalse(judged((second) => (second < 130 ? 90 : 106)));
    assert.isFalse(judged(sawtooth));
    assert.isFalse(judged((second) => (second < 40 ? 22 : 25), "files"));
  });

  it("tells nothing of a handful of samples", () => {
    assert.isNull(trendOf(Array.from({ length: 11 }, (_, seconds) => ({ seconds, value: seconds }))));
  });
});
