// Measuring: histograms merge without loss, phases are told apart, a dip has the area of what was not served, and the limit is found.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bisection } from "../../shared/load/bisection.ts";
import { ccdfOf, emptyHdr, merged, parseHlog, printHlog, spreadOf } from "../../shared/load/latency.ts";
import { Books, perturbationOf } from "../../shared/load/perturbation.ts";
import { Series } from "../../shared/load/series.ts";
import { Windows } from "../../shared/load/windows.ts";
import type { Fact } from "../../shared/protocol/facts.ts";

const hdrOf = (values: readonly number[]) => {
  const histogram = emptyHdr();
  for (const value of values) histogram.recordValue(value);
  return histogram;
};

const durations = fc.array(fc.integer({ min: 0, max: 1e12 }), { minLength: 1, maxLength: 200 });

describe("histograms", () => {
  it("of parts, merged, are the histogram of the whole, in memory and through a file", () => {
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1, maxLength: 4 }), (parts) => {
        const whole = hdrOf(parts.flat());
        expect(spreadOf(merged(parts.map(hdrOf)))).toEqual(spreadOf(whole));
        const text = printHlog(parts.map((part) => ({ tag: "latency", fromNs: 0, toNs: 1e9, histogram: hdrOf(part) })));
        const read = parseHlog(text).get("latency") ?? expect.fail("no histogram of this tag");
        expect(spreadOf(read)).toEqual(spreadOf(whole));
      }),
      { numRuns: 50 },
    );
  });

  it("are exact to three digits", () => {
    fc.assert(
      fc.property(durations, (values) => {
        const found = spreadOf(hdrOf(values))?.max ?? expect.fail("nothing recorded");
        expect(Math.abs(found * 1000 - Math.max(...values))).toBeLessThanOrEqual(Math.max(...values) / 1000 + 1);
      }),
    );
  });

  it("tell a percentile only of as many values as it takes to see one beyond it", () => {
    const of = (n: number) => spreadOf(hdrOf(Array.from({ length: n }, (_, i) => (i + 1) * 1_000)));
    expect(of(9)).toMatchObject({ n: 9, p90: null, p99: null, "p99.9": null });
    expect(of(99)).toMatchObject({ p90: expect.any(Number), p99: null, "p99.9": null });
    expect(of(100)).toMatchObject({ p99: expect.any(Number), "p99.9": null });
    expect(of(1_000)).toMatchObject({ "p99.9": expect.any(Number) });
  });

  it("tell how large a share took longer", () => {
    const points = ccdfOf(hdrOf(Array.from({ length: 10_000 }, (_, i) => (i + 1) * 1_000)));
    expect(points.at(0)?.share).toBe(1);
    const hundredth = points.find(({ share }) => Math.abs(share - 0.01) < 1e-9);
    expect(hundredth?.us).toBeGreaterThan(9_890);
    expect(hundredth?.us).toBeLessThan(9_910);
    expect(spreadOf(emptyHdr())).toBeNull();
  });
});

describe("phases", () => {
  const of = { life: 0, term: 1, epoch: 1 };
  const tell = (windows: Windows, fact: Fact, at: number): void => (windows.on[fact.fact] as (fact: Fact, at: number) => void)(fact, at);
  const windows = new Windows(() => {});
  tell(windows, { fact: "opened", ...of, operation: "patch", target: 1, attempt: 1, participants: [0, 0], incarnations: [[0, 1]] }, 1_000);
  tell(windows, { fact: "closed", ...of, outcome: "aborted", version: 0 }, 1_100);
  tell(windows, { fact: "opened", ...of, operation: "patch", target: 1, attempt: 2, participants: [0, 0], incarnations: [[0, 1]] }, 1_200);
  tell(windows, { fact: "closed", ...of, outcome: "committed", version: 1 }, 2_000);

  it.each([
    ["before", "it was answered before the operation opened", 100, 1_000],
    ["during", "it was in the machine when it opened", 900, 1_001],
    ["during", "it came between two attempts", 1_150, 1_160],
    ["during", "it came before the end and was answered long after", 1_999, 9_000],
    ["after", "it came soon after the end", 2_000, 2_100],
    ["before", "it came long after the end", 2_500, 2_600],
  ])("a request is %s where %s", (phase, _, intended, done) => expect(windows.phaseOf(intended, done, 500).phase).toBe(phase));

  it("retries belong to the operation that they carry out", () => expect(windows.all).toHaveLength(1));
});

describe("the dip of an operation", () => {
  const binNs = 1_000_000;
  /** A thousand requests a second for two seconds, each answered after 100 us, but none from 1 s on for `stopNs`: those are answered at its end. */
  const stopped = (stopNs: number): Books => {
    const [arrived, served] = [new Series(binNs), new Series(binNs)];
    for (let i = 0; i < 20_000; i++) {
      const at = i * 100_000;
      arrived.add(at);
      served.add(at >= 1e9 && at < 1e9 + stopNs ? 1e9 + stopNs : at + 99_999);
    }
    return new Books(arrived, served);
  };
  const dipOf = (stopNs: number) =>
    perturbationOf(stopped(stopNs), { from: 0.5e9, to: 1e9 }, { from: 1e9, to: 1e9 + stopNs }, 1.5e9) ?? expect.fail("no time before");

  it("has as its area the requests that were delayed beyond those usually in the machine", () => {
    // Ten arrive in each ms.
    for (const ms of [3, 20, 100]) expect(dipOf(ms * 1e6).area).toBeCloseTo(10 * ms, -0.5);
  });

  it("is as deep as nothing served, and as wide as the stop", () => {
    const { depth, noise, widthUs } = dipOf(20e6);
    expect(depth).toBe(1);
    expect(noise).toBe(0);
    expect(widthUs).toBe(20_000);
  });

  it("is over when the backlog is worked off", () => {
    expect(dipOf(20e6).recoveryUs).toBeLessThanOrEqual(2_000);
    const never = stopped(600e6);
    expect(perturbationOf(never, { from: 0.5e9, to: 1e9 }, { from: 1e9, to: 1.1e9 }, 1.5e9)?.recoveryUs).toBeNull();
  });

  it("is none where nothing happened, and unknown where there is no time before", () => {
    expect(dipOf(0)).toMatchObject({ depth: 0, widthUs: 0, area: 0 });
    expect(perturbationOf(stopped(0), { from: 1e9 - 3e6, to: 1e9 }, { from: 1e9, to: 1e9 }, 1.5e9)).toBeNull();
  });
});

describe("the search for a limit", () => {
  it("finds any limit within the precision, tries the ends first, and says when it lies beyond them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 200_000 }), (limit) => {
        const search = new Bisection(1_000, 100_000, 0.05);
        for (let tries = 0; search.next !== null; tries++) {
          expect(tries).toBeLessThan(12);
          search.tell(search.next, search.next <= limit);
        }
        const { holds, fails } = search.limit;
        if (limit < 1_000) expect(holds).toBeNull();
        else if (limit >= 100_000) expect(fails).toBeNull();
        else {
          expect(holds).toBeLessThanOrEqual(limit);
          expect(fails).toBeGreaterThan(limit);
          expect((fails as number) / (holds as number)).toBeLessThanOrEqual(1.051);
        }
      }),
    );
  });
});
