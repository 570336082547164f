// The median of a sample with its bootstrap interval, and the same of paired differences.
import { below, type Random, stream } from "../machine/random.ts";
import { ascending, quantile } from "./quantile.ts";

/** A median, and where it lies with 95 % confidence; null where one value says nothing of that. */
export interface Estimate {
  readonly median: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Values in the sample. */
  readonly n: number;
}

const confidence = 0.95;

/** Enough for the ends of a 95 % interval (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 14.2). */
const resamples = 2_000;

/** The value of this rank in a sample of which each value stands `counts` times, in ascending order. */
const valueAt = (sorted: readonly number[], counts: Uint32Array, rank: number): number => {
  let seen = 0;
  let i = 0;
  for (seen = counts[0] as number; seen <= rank; seen += counts[i] as number) i++;
  return sorted[i] as number;
};

/** Counts what is drawn instead of sorting it: the values are in order already. */
const medianOfResample = (sorted: readonly number[], counts: Uint32Array, random: Random): number => {
  const n = sorted.length;
  counts.fill(0);
  for (let i = 0; i < n; i++) {
    const drawn = below(random, n);
    counts[drawn] = (counts[drawn] as number) + 1;
  }
  const middle = (n - 1) / 2;
  return (valueAt(sorted, counts, Math.floor(middle)) + valueAt(sorted, counts, Math.ceil(middle))) / 2;
};

/**
 * The percentile bootstrap of the median. Not the accelerated one: its acceleration comes from a jackknife, which fails for medians. The
 * same values under the same name give the same interval for ever.
 */
export const estimate = (values: readonly number[], name: string): Estimate => {
  const n = values.length;
  if (n === 1) return { median: values[0] as number, low: null, high: null, n };
  const random = stream(n, `bootstrap ${name}`);
  const sorted = ascending(values);
  const counts = new Uint32Array(n);
  const medians = ascending(Array.from({ length: resamples }, () => medianOfResample(sorted, counts, random)));
  const tail = (1 - confidence) / 2;
  return { median: quantile(sorted, 0.5), low: quantile(medians, tail), high: quantile(medians, 1 - tail), n };
};

/** By the seed of the run that it was measured in. */
export type BySeed = ReadonlyMap<number, number>;

/** `values - base` for each seed that both have: what one and the same machine does differently. Null if they share none. */
export const pairedDifference = (values: BySeed, base: BySeed, name: string): Estimate | null => {
  const differences = [...values].flatMap(([seed, value]) => {
    const other = base.get(seed);
    return other === undefined ? [] : [value - other];
  });
  return differences.length === 0 ? null : estimate(differences, name);
};
