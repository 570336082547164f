// The time around operations, laid on each other by their openings: what is answered, and how slow the slow ones are.
import type { OperationWindow } from "./windows.ts";

/** Of so many requests the times are kept: 8 MB. What comes later is not looked at. */
const mostKept = 500_000;

/** Bins of answers before the opening and from it on. */
const binsBefore = 40;
const binsAfter = 80;

/** So many of them are one bin of percentiles, and of fewer answers no 99th percentile is told. */
const binsTogether = 5;
const leastForP99 = 100;

/** As many arrivals in a bin, over all operations, that their number varies by less than a fifth. */
const arrivalsPerBin = 32;
const narrowestNs = 20_000;

export interface AroundFelt {
  /** Those that were laid on each other. */
  readonly operations: number;
  /** On the average, from the opening to the commit. */
  readonly durationUs: number;
  readonly binUs: number;
  /** Of the first bin, from the opening on: below 0. */
  readonly fromUs: number;
  /** Answers a second in each bin. */
  readonly perSecond: readonly number[];
  readonly p99BinUs: number;
  /** Null of a bin with too few answers. */
  readonly p99Us: ReadonlyArray<number | null>;
}

export class Around {
  /** When each request was answered, and how long it took. */
  private readonly times: number[] = [];
  private lastAt = 0;

  add(done: number, latency: number): void {
    if (this.times.length >= 2 * mostKept) return;
    this.times.push(done, latency);
    this.lastAt = Math.max(this.lastAt, done);
  }

  /** Null where no operation came to its end in the time that is known. */
  felt(windows: readonly OperationWindow[], perSecond: number): AroundFelt | null {
    const binNs = Math.max(narrowestNs, Math.ceil((arrivalsPerBin * 1e9) / (perSecond * Math.max(1, windows.length))));
    const known = windows.filter(({ openedAt, closedAt }) => Number.isFinite(closedAt) && openedAt + binsAfter * binNs <= this.lastAt);
    if (known.length === 0) return null;
    const counts = new Float64Array(binsBefore + binsAfter);
    const slow: number[][] = Array.from({ length: counts.length / binsTogether }, () => []);
    for (let i = 0; i < this.times.length; i += 2) {
      const done = this.times[i] as number;
      for (const { openedAt } of known) {
        const bin = Math.floor((done - openedAt) / binNs) + binsBefore;
        if (bin < 0 || bin >= counts.length) continue;
        counts[bin] = (counts[bin] as number) + 1;
        slow[Math.floor(bin / binsTogether)]?.push(this.times[i + 1] as number);
      }
    }
    const perBin = 1e9 / (binNs * known.length);
    return {
      operations: known.length,
      durationUs: known.reduce((sum, { openedAt, closedAt }) => sum + closedAt - openedAt, 0) / known.length / 1000,
      binUs: binNs / 1000,
      fromUs: (-binsBefore * binNs) / 1000,
      perSecond: [...counts].map((count) => Math.round(count * perBin)),
      p99BinUs: (binsTogether * binNs) / 1000,
      p99Us: slow.map(p99Of),
    };
  }
}

const p99Of = (latencies: number[]): number | null => {
  if (latencies.length < leastForP99) return null;
  const sorted = Float64Array.from(latencies).sort();
  return (sorted[Math.ceil(0.99 * sorted.length) - 1] as number) / 1000;
};
