// The points of a curve: which can be used, and how far each is trusted.
import { ascending, quantile } from "../quantile.ts";
import type { Curve } from "./law.ts";

/** One size `x` (CPUs, say) and what was measured there: the median of `n` runs with its 95 % interval, null where one run has none. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** Half a 95 % interval, in standard errors. */
const halfInterval = 1.959963984540054;

/**
 * No point is trusted further than this, relative to its value: the laws are rounder than the world, and one point of a tiny interval would
 * otherwise decide alone. Where nothing is known of any error, all points so count for the same relative to their values.
 */
const trusted = 0.01;

/** A law is one of N things, so there is at least one of them. */
const isUsable = ({ x, y }: Point): boolean => Number.isFinite(x) && Number.isFinite(y) && x >= 1;

const intervalError = ({ low, high }: Point): number | null => {
  if (low === null || high === null || !Number.isFinite(high - low)) return null;
  return Math.abs(high - low) / 2 / halfInterval;
};

/** What one run errs by, relative to its value, by the points that know; none of them does: 0. */
const errorOfOneRun = (points: readonly Point[]): number => {
  const known = points.flatMap((point) => {
    const error = intervalError(point);
    return error === null || point.y === 0 ? [] : [(error / Math.abs(point.y)) * Math.sqrt(point.n)];
  });
  return known.length === 0 ? 0 : quantile(ascending(known), 0.5);
};

/** A point errs by what its interval says, and by the least that a law may; one without an interval like the other points, by its runs. */
export const curveOf = (points: readonly Point[]): Curve => {
  const usable = points.filter(isUsable).toSorted((a, b) => a.x - b.x || a.y - b.y);
  const oneRun = errorOfOneRun(usable);
  const least = usable.reduce((size, { y }) => (y === 0 ? size : Math.min(size, Math.abs(y))), Number.POSITIVE_INFINITY);
  const sizeOf = (y: number): number => (y !== 0 ? Math.abs(y) : Number.isFinite(least) ? least : 1);
  return {
    x: usable.map(({ x }) => x),
    y: usable.map(({ y }) => y),
    error: usable.map((point) => {
      const size = sizeOf(point.y);
      return Math.hypot(intervalError(point) ?? (oneRun * size) / Math.sqrt(Math.max(1, point.n)), trusted * size);
    }),
  };
};
