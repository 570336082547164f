// Latencies as HDR histograms: a value is exact to three digits, and merging histograms loses nothing.
import { build, type Histogram, HistogramLogReader, HistogramLogWriter } from "hdr-histogram-js";

/** What a request met of an operation: nothing, some of it, or its wake. */
export const phases = ["before", "during", "after"] as const;
export type LoadPhase = (typeof phases)[number];

/** Of durations in ns, up to eleven days: all of one range, so that any two can be merged. 170 KB each. */
export const emptyHdr = (): Histogram => build({ bitBucketSize: 32, numberOfSignificantValueDigits: 3, highestTrackableValue: 1e15 });

export const merged = (histograms: readonly Histogram[]): Histogram => {
  const sum = emptyHdr();
  for (const histogram of histograms) if (histogram.totalCount > 0) sum.add(histogram);
  return sum;
};

/** Where durations lie, in us. Null of a percentile that so few values do not tell: one in a hundred takes a hundred. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly "p99.9": number | null;
  readonly max: number;
}

export const statistics = ["mean", "p50", "p90", "p99", "p99.9", "max"] as const satisfies readonly (keyof Spread)[];

const us = (ns: number): number => Math.round(ns) / 1000;

/** Null of nothing. */
export const spreadOf = (histogram: Histogram): Spread | null => {
  if (histogram.totalCount === 0) return null;
  const at = (percent: number): number => us(histogram.getValueAtPercentile(percent));
  const told = (percent: number, fewest: number): number | null => (histogram.totalCount < fewest ? null : at(percent));
  return {
    n: histogram.totalCount,
    mean: us(histogram.mean),
    p50: at(50),
    p90: told(90, 10),
    p99: told(99, 100),
    "p99.9": told(99.9, 1_000),
    max: at(100),
  };
};

/** A point of the complementary distribution: the share of all that took longer than `us`. */
export interface CcdfPoint {
  readonly us: number;
  readonly share: number;
}

/** Four points a decade of the share, as far as the sample reaches; a tail of one in a million needs a million. */
export const ccdfOf = (histogram: Histogram): readonly CcdfPoint[] => {
  const points: CcdfPoint[] = [];
  for (let step = 0; 10 ** (-step / 4) * histogram.totalCount >= 1; step++) {
    const share = 10 ** (-step / 4);
    points.push({ us: us(histogram.getValueAtPercentile(100 * (1 - share))), share });
  }
  return points;
};

/** What an .hlog file holds of one histogram. */
export interface HlogEntry {
  readonly tag: string;
  readonly fromNs: number;
  readonly toNs: number;
  readonly histogram: Histogram;
}

/** The log format of HdrHistogram, values in ns, one line for each histogram under its tag. Times count from the start of the run. */
export const printHlog = (entries: readonly HlogEntry[]): string => {
  const lines: string[] = [];
  const writer = new HistogramLogWriter((line) => lines.push(line));
  writer.outputLogFormatVersion();
  writer.outputLegend();
  for (const { tag, fromNs, toNs, histogram } of entries) {
    histogram.tag = tag;
    writer.outputIntervalHistogram(histogram, fromNs / 1e9, toNs / 1e9, 1e6);
  }
  return lines.join("");
};

/** The histograms of an .hlog file by their tags; those of one tag are merged. */
export const parseHlog = (text: string): ReadonlyMap<string, Histogram> => {
  const reader = new HistogramLogReader(text);
  const found = new Map<string, Histogram>();
  for (;;) {
    const next = reader.nextIntervalHistogram();
    if (next === null) return found;
    const sum = found.get(next.tag) ?? emptyHdr();
    sum.add(next);
    found.set(next.tag, sum);
  }
};
