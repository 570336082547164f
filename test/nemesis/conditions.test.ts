// Lasting faults put off and stretch exactly what their actors do, as long as they last.
import { describe, expect, it } from "vitest";
import { coordinatorActor } from "../../shared/machine/machine.ts";
import { type Conditions, conditions } from "../../shared/nemesis/conditions.ts";
import { planOf } from "../../shared/nemesis/plan.ts";

const takeNs = 1_000;

const lasting = (...texts: readonly string[]): Conditions => {
  const { plan, problems } = planOf(texts, 1);
  expect(problems).toEqual([]);
  return conditions(plan.faults, { takeNs });
};

const counts = (of: Conditions) => of.counts().map(({ matched, applied }) => [matched, applied]);

describe("a slow CPU", () => {
  it("takes up packets one after the other, each so much later", () => {
    const of = lasting("slow cpu 4 x8");
    expect([0, 0, 100_000].map((at) => of.takenAt(4, at))).toEqual([7_000, 14_000, 107_000]);
    expect(of.takenAt(3, 0)).toBe(0);
    expect(counts(of)).toEqual([[3, 3]]);
  });

  it("works and waits so many times as long, and what it said first leaves first", () => {
    const of = lasting("slow cpu 4 x2.5");
    expect(of.workNs(4, 0, 4_000)).toBe(10_000);
    expect(of.workNs(4, 5_000, 0)).toBe(5_000);
    expect(of.workNs(4, 20_000, 0)).toBe(0);
    expect(of.timerNs(4, 0, 20_000)).toBe(50_000);
    expect(counts(of)).toEqual([[4, 3]]);
  });
});

describe("interrupts off", () => {
  it("let packets wait for the end of each window, and others alone", () => {
    const of = lasting("irqs-off cpu 1 every 2ms for 300us");
    const at = [0, 299_999, 300_000, 1_999_999, 2_000_001];
    expect(at.map((time) => of.takenAt(1, time))).toEqual([300_000, 300_000, 300_000, 1_999_999, 2_300_000]);
    expect(of.takenAt(2, 0)).toBe(0);
    expect(of.timerNs(1, 0, 100)).toBe(100);
    expect(counts(of)).toEqual([[5, 3]]);
  });

  it("count from the start of the fault's window, and end with it", () => {
    const of = lasting("irqs-off cpu 1 every 2ms for 300us from 1ms for 2100us");
    const at = [999_999, 1_000_000, 1_300_000, 3_050_000, 3_100_000];
    expect(at.map((time) => of.takenAt(1, time))).toEqual([999_999, 1_300_000, 1_300_000, 3_300_000, 3_100_000]);
  });
});

describe("drift", () => {
  it("lets the timers of a fast clock come early and those of a slow one late, and nothing else", () => {
    const of = lasting("drift cpu 3 +200ppm", "drift coordinator -200ppm");
    expect(of.timerNs(3, 0, 1_000_000)).toBe(999_800);
    expect(of.timerNs(coordinatorActor(7), 0, 1_000_000)).toBe(1_000_200);
    expect([of.workNs(3, 0, 1_000_000), of.takenAt(3, 5)]).toEqual([1_000_000, 5]);
    // Too short a wait to differ by a whole nanosecond.
    expect(of.timerNs(3, 0, 1_000)).toBe(1_000);
    expect(counts(of)).toEqual([
      [2, 1],
      [1, 1],
    ]);
  });

  it("never lets a timer come at once that was to wait", () => {
    expect(lasting("drift cpu 3 +900000ppm").timerNs(3, 0, 1)).toBe(1);
  });
});

describe("several", () => {
  it("act one after the other, in the order of the plan", () => {
    const of = lasting("irqs-off cpu 1 every 2ms for 300us", "slow cpu 1 x2");
    expect(of.takenAt(1, 10)).toBe(301_000);
    expect(counts(of)).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it("are none once healed, and keep their counts", () => {
    const of = lasting("slow cpu 1 x2");
    of.takenAt(1, 0);
    of.heal();
    expect(of.none).toBe(true);
    expect(of.takenAt(1, 0)).toBe(0);
    expect(counts(of)).toEqual([[1, 1]]);
  });
});
