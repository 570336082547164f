// Arrival plans, rates and thresholds as text: what is right reads back as it was, what is wrong is answered with what was meant.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ArrivalText, arrivalHelp, parseArrivals, parseTimes, printArrivals } from "../../shared/load/grammar.ts";
import { ratesOf, takeSweep } from "../../shared/load/rate.ts";
import { held, parseThreshold, type Thresholded, thresholdHelp } from "../../shared/load/threshold.ts";
import { attempt } from "../../shared/nemesis/reader.ts";

const rate = fc.integer({ min: 1, max: 5_000_000 });
const ns = fc.integer({ min: 1, max: 1e12 });

const plan: fc.Arbitrary<ArrivalText> = fc.oneof(
  fc.record({ kind: fc.constantFrom("constant" as const, "poisson" as const), perSecond: rate }),
  fc.record({ kind: fc.constant("bursts" as const), perSecond: rate, onNs: ns, offNs: ns }),
  fc.record({
    kind: fc.constant("diurnal" as const),
    perSecond: rate,
    swing: fc.integer({ min: 0, max: 100 }).map((p) => p / 100),
    everyNs: ns,
  }),
  fc.record({ kind: fc.constant("recorded" as const), file: fc.constantFrom("times.txt", "/a/b") }),
);

describe("arrival plans", () => {
  it("read back as they are printed", () => {
    fc.assert(
      fc.property(plan, (one) => {
        expect(parseArrivals(printArrivals(one))).toEqual(one);
      }),
    );
  });

  it("read as the manual writes them", () => {
    for (const { example } of arrivalHelp) expect(parseArrivals(example), example).not.toHaveProperty("message");
  });

  it("take a rate from elsewhere where they have none", () => {
    expect(parseArrivals("poisson", 500)).toEqual({ kind: "poisson", perSecond: 500 });
    expect(parseArrivals("bursts on 1ms off 9ms", 500)).toMatchObject({ perSecond: 500, onNs: 1e6 });
    expect(parseArrivals("poisson 2k/s", 500)).toMatchObject({ perSecond: 2_000 });
  });

  it.each([
    ["poison 2k/s", 'unknown kind of arrivals "poison" at column 1: did you mean "poisson"?'],
    ["poisson 2k", '"2k" at column 9 is not a rate (like 500/s, 2k/s or 1.5M/s)'],
    ["poisson", "expected a rate (like 500/s, 2k/s or 1.5M/s) at column 8, where the text ends"],
    ["poisson 0/s", '"0/s" at column 9 is not a rate (like 500/s, 2k/s or 1.5M/s)'],
    ["poisson 2k/s twice", '"twice" at column 14 stands behind the plan'],
    ["bursts 2k/s on 1ms", 'expected "off" and a duration at column 19, where the text ends'],
    ["diurnal 2k/s swing 120% every 1s", '"120%" at column 20 is not a share up to 100%'],
  ])("%s is refused: %s", (text, message) => expect(parseArrivals(text)).toMatchObject({ message }));

  it("recorded times are read from their first, and refused by their line", () => {
    expect(parseTimes("# of a proxy\n10.5\n10.500001\n\n12\n")).toEqual([0, 1_000, 1.5e9]);
    expect(parseTimes("1\n0.5\n")).toEqual({ line: 2, message: "0.5 is before the time above it" });
    expect(parseTimes("1\nsoon\n")).toMatchObject({ line: 2 });
    expect(parseTimes("\n")).toEqual({ line: 1, message: "has no times" });
  });
});

describe("sweeps of rates", () => {
  it("are evenly spaced on a logarithmic scale, with both ends", () => {
    expect(ratesOf({ low: 2_000, high: 50_000, steps: 3 })).toEqual([2_000, 10_000, 50_000]);
    expect(attempt("2k/s..50k/s in 3", takeSweep)).toEqual({ low: 2_000, high: 50_000, steps: 3 });
    expect(attempt("2k/s", takeSweep)).toEqual({ low: 2_000, high: 2_000, steps: 1 });
  });

  it("do not go down", () => {
    expect(attempt("5k/s..2k/s", takeSweep)).toMatchObject({ message: '"5k/s..2k/s" at column 1 begins above its end' });
  });
});

describe("thresholds", () => {
  const spread = { n: 10, mean: 100, p50: 90, p90: 200, p99: 450, "p99.9": 480, max: 500 };
  const run: Thresholded = {
    latencyUs: { all: spread, before: spread, during: spread, after: null },
    serviceUs: { all: spread, before: spread, during: spread, after: null },
    callUs: { all: spread, before: spread, during: spread, after: null },
    called: 0.9,
    rescheduleUs: { all: spread, before: spread, during: spread, after: null },
    rescheduled: 0.8,
    achieved: 0.995,
    lost: 0,
    patched: 1,
    dip: { depth: 0.5, noise: 0.1, widthUs: 400, area: 12, recoveryUs: null },
    irqsOffUs: 40,
  };
  const check = (text: string): boolean => {
    const threshold = parseThreshold(text);
    if (typeof threshold === "string") throw new Error(threshold);
    return held(threshold, run).holds;
  };

  it("hold or are crossed by what was measured", () => {
    expect(check("latencyUs:during:p99<500")).toBe(true);
    expect(check("latencyUs:during:p99<450")).toBe(false);
    expect(check("achieved>0.99")).toBe(true);
    expect(check("called>0.95")).toBe(false);
    expect(check("callUs:all:max<501")).toBe(true);
    expect(check("dip:area > 12")).toBe(false);
  });

  it("on what never happened are crossed, whichever way they point", () => {
    expect(check("latencyUs:after:p99<500")).toBe(false);
    expect(check("dip:recoveryUs>0")).toBe(false);
  });

  it("read as the manual writes them", () => {
    for (const { example } of thresholdHelp) expect(typeof parseThreshold(example), example).toBe("object");
  });

  it.each([
    ["latencyUs:during:p99", /is no threshold: expected METRIC<NUMBER/],
    ["latency:during:p99<5", /unknown metric "latency"/],
    ["latencyUs:durin:p99<5", /unknown phase "durin" \(did you mean "during"\?\)/],
    ["latencyUs:during:p95<5", /unknown statistic "p95" \(did you mean "p99"\?\)|unknown statistic "p95"/],
    ["achieved:all<1", /by the name of "all"/],
    ["dip<1", /expected part of a dip/],
  ])("%s is refused", (text, message) => expect(parseThreshold(text)).toMatch(message));
});
