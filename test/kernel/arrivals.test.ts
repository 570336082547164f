// Arrivals: each plan keeps its rate and its shape, whichever CPU they come to, and the same plan gives the same times for ever.
import { describe, expect, it } from "vitest";
import { firstArrival, passArrival } from "../../shared/kernel/requests/arrivals.ts";
import type { ArrivalPlan } from "../../shared/kernel/requests/plan.ts";

const second = 1e9;

const timesOf = (arrivals: ArrivalPlan, until: number, { cpus = 4, cpu = 0, seed = 1, fromNs = 0 } = {}): number[] => {
  const source = { load: { arrivals, fromNs, coolNs: 0 }, cpus, seed };
  const cursor = firstArrival(source, cpu);
  const times: number[] = [];
  for (; cursor.nextAt <= until; passArrival(cursor, source)) times.push(cursor.nextAt);
  return times;
};

const plans: readonly ArrivalPlan[] = [
  { kind: "constant", perSecond: 4_000 },
  { kind: "poisson", perSecond: 4_000 },
  { kind: "bursts", perSecond: 4_000, onNs: 10e6, offNs: 90e6 },
  { kind: "diurnal", perSecond: 4_000, swing: 0.8, everyNs: second },
];

describe.each(plans.map((plan) => [plan.kind, plan] as const))("arrivals that are %s", (_, plan) => {
  it("come at the rate of the plan, shared alike by the CPUs, in order, at whole ns", () => {
    for (const cpu of [0, 3]) {
      const times = timesOf(plan, 20 * second, { cpu });
      // 20,000 are expected: ten standard deviations of a Poisson count.
      expect(Math.abs(times.length - 20_000)).toBeLessThan(plan.kind === "constant" ? 2 : 1_500);
      expect(times.every((at, i) => Number.isSafeInteger(at) && at >= (times[i - 1] ?? 0))).toBe(true);
    }
  });

  it("are the same again for the same seed and CPU, and begin when the plan does", () => {
    const times = timesOf(plan, second, { cpu: 2, seed: 7 });
    expect(timesOf(plan, second, { cpu: 2, seed: 7 })).toEqual(times);
    expect(timesOf(plan, second + 5e6, { cpu: 2, seed: 7, fromNs: 5e6 })).toEqual(times.map((at) => at + 5e6));
  });
});

it("constant arrivals of all CPUs together are evenly spaced", () => {
  const all = [0, 1, 2, 3].flatMap((cpu) => timesOf({ kind: "constant", perSecond: 1_000 }, 1e8, { cpu })).sort((a, b) => a - b);
  expect(all.every((at, i) => at === i * 1e6)).toBe(true);
});

it("Poisson gaps are as spread as their mean is long, and two CPUs do not arrive alike", () => {
  const times = timesOf({ kind: "poisson", perSecond: 4_000 }, 20 * second);
  const gaps = times.map((at, i) => at - (times[i - 1] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const spread = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  expect(spread / mean).toBeGreaterThan(0.95);
  expect(spread / mean).toBeLessThan(1.05);
  expect(timesOf({ kind: "poisson", perSecond: 4_000 }, second, { cpu: 1 })).not.toEqual(times.filter((at) => at <= second));
});

it("bursts are off while they are off, on every CPU", () => {
  for (const cpu of [0, 1]) {
    const times = timesOf({ kind: "bursts", perSecond: 4_000, onNs: 10e6, offNs: 90e6 }, second, { cpu });
    expect(times.every((at) => at % 100e6 <= 10e6)).toBe(true);
  }
});

it("a diurnal rate is high in the first half of its period and low in the second", () => {
  const times = timesOf({ kind: "diurnal", perSecond: 4_000, swing: 0.8, everyNs: second }, 10 * second);
  const high = times.filter((at) => at % second < second / 2).length;
  // The mean of 1 + 0.8 sin over the first half of a period is 1 + 1.6 / pi: 75.5 % of all arrivals.
  expect(high / times.length).toBeGreaterThan(0.73);
  expect(high / times.length).toBeLessThan(0.78);
});

it("recorded times are dealt to the CPUs in turn, each once, and then no more come", () => {
  const plan: ArrivalPlan = { kind: "recorded", file: "times.txt", timesNs: [0, 5, 5, 70, 90] };
  expect([0, 1].map((cpu) => timesOf(plan, 1e6, { cpus: 2, cpu, fromNs: 100 }))).toEqual([
    [100, 105, 190],
    [105, 170],
  ]);
});
