// Samples of an experiment: one value for each seed, what lies in the middle and at the ends, and a straight line through several.
import { ascending, quantile } from "../../shared/stats/quantile.ts";

/** A middle and its range; all three the same where one value is all there is. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = ascending(values);
  return { low: quantile(sorted, 0), median: quantile(sorted, 0.5), high: quantile(sorted, 1) };
};

/** One experiment for each of the seeds 1, 2, 3, ... */
export const overSeeds = (seeds: number, measure: (seed: number) => number): Spread =>
  spreadOf(Array.from({ length: seeds }, (_, i) => measure(i + 1)));

/** The same in another unit. */
export const scaled = ({ low, median, high }: Spread, by: number): Spread => ({ low: low * by, median: median * by, high: high * by });

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Fit {
  readonly intercept: number;
  readonly slope: number;
  /** The share of the variance that the line explains. */
  readonly r2: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Least squares. */
export const fit = (points: readonly Point[]): Fit => {
  const meanX = sum(points.map(({ x }) => x)) / points.length;
  const meanY = sum(points.map(({ y }) => y)) / points.length;
  const xx = sum(points.map(({ x }) => (x - meanX) ** 2));
  const yy = sum(points.map(({ y }) => (y - meanY) ** 2));
  const xy = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY)));
  return { slope: xy / xx, intercept: meanY - (xy / xx) * meanX, r2: xy ** 2 / (xx * yy) };
};
