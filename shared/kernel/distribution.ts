// Distributions of durations as data: what a workload file says and what a task draws from.
import { exponential, normal, type Random, uniform } from "../machine/random.ts";

/** A distribution over durations in integer ns. */
export type Distribution =
  | { readonly kind: "constant"; readonly ns: number }
  | { readonly kind: "exponential"; readonly meanNs: number }
  /** Log-normal bulk: exp(ln(median) + sigma * normal), cut at `maxNs`. */
  | { readonly kind: "log-normal"; readonly medianNs: number; readonly sigma: number; readonly maxNs: number }
  /** Recorded: values at equally spaced probabilities 0, 1/(n-1), ..., 1, ascending; linear between neighbours. */
  | { readonly kind: "quantiles"; readonly ns: readonly number[] };

/** One draw, in integer ns, at least 1 (nothing in a machine takes no time). */
export const draw = (distribution: Distribution, random: Random): number => {
  switch (distribution.kind) {
    case "constant":
      return Math.max(1, distribution.ns);
    case "exponential":
      return Math.max(1, Math.round(exponential(random, distribution.meanNs)));
    case "log-normal":
      return Math.max(1, Math.round(Math.min(distribution.maxNs, distribution.medianNs * Math.exp(distribution.sigma * normal(random)))));
    case "quantiles": {
      const position = uniform(random) * (distribution.ns.length - 1);
      const index = Math.floor(position);
      const low = distribution.ns[index] as number;
      const high = distribution.ns[Math.min(index + 1, distribution.ns.length - 1)] as number;
      return Math.max(1, Math.round(low + (high - low) * (position - index)));
    }
  }
};

/** The mean in ns (of the cut log-normal: of the uncut one, or the cut if that is less). */
export const mean = (distribution: Distribution): number => {
  switch (distribution.kind) {
    case "constant":
      return Math.max(1, distribution.ns);
    case "exponential":
      return Math.max(1, distribution.meanNs);
    case "log-normal":
      return Math.max(1, Math.min(distribution.maxNs, distribution.medianNs * Math.exp(distribution.sigma ** 2 / 2)));
    case "quantiles": {
      const points = distribution.ns;
      let area = 0;
      for (let i = 1; i < points.length; i++) area += ((points[i - 1] as number) + (points[i] as number)) / 2;
      return Math.max(1, points.length > 1 ? area / (points.length - 1) : (points[0] as number));
    }
  }
};

/**
 * One draw of the interval that a random moment falls into: longer intervals are met more often (length-biased sampling).
 * A task that is looked at for the first time is in the middle of such an interval.
 */
export const drawMet = (distribution: Distribution, random: Random): number => {
  switch (distribution.kind) {
    case "constant":
      return Math.max(1, distribution.ns);
    case "exponential":
      // The interval around a random moment is what has passed plus what is left: two independent exponentials.
      return Math.max(1, Math.round(exponential(random, distribution.meanNs) + exponential(random, distribution.meanNs)));
    case "log-normal": {
      const shifted = distribution.medianNs * Math.exp(distribution.sigma ** 2 + distribution.sigma * normal(random));
      return Math.max(1, Math.round(Math.min(distribution.maxNs, shifted)));
    }
    case "quantiles":
      return Math.max(1, Math.round(drawMetQuantile(distribution.ns, random)));
  }
};

/** Picks a piece of a recorded distribution by its area, then a value in it with density proportional to the value. */
const drawMetQuantile = (points: readonly number[], random: Random): number => {
  let area = 0;
  for (let i = 1; i < points.length; i++) area += (points[i - 1] as number) + (points[i] as number);
  let rest = uniform(random) * area;
  for (let i = 1; i < points.length; i++) {
    const low = points[i - 1] as number;
    const high = points[i] as number;
    rest -= low + high;
    if (rest < 0) return Math.sqrt(low * low + uniform(random) * (high * high - low * low));
  }
  return points[points.length - 1] as number;
};
