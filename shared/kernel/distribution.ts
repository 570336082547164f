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

/** A distribution to draw from. A recorded one knows how much of all time lies in intervals up to each of its points. */
export type Sampler =
  | Exclude<Distribution, { kind: "quantiles" }>
  | { readonly kind: "quantiles"; readonly ns: readonly number[]; readonly timeUpTo: readonly number[] };

export const samplerOf = (distribution: Distribution): Sampler => {
  if (distribution.kind !== "quantiles") return distribution;
  const { ns } = distribution;
  let time = 0;
  const timeUpTo = ns.map((point, i) => {
    time += i === 0 ? 0 : point + (ns[i - 1] as number);
    return time;
  });
  return { kind: "quantiles", ns, timeUpTo };
};

/** One draw, in integer ns, at least 1 (nothing in a machine takes no time). */
export const draw = (distribution: Sampler, random: Random): number => {
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

/** The standard normal's share below `x` (Abramowitz and Stegun 7.1.26, to 1.5e-7). */
const shareBelow = (x: number): number => {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const upper = (tail * Math.exp((-x * x) / 2)) / 2;
  return x < 0 ? upper : 1 - upper;
};

/** Values beyond the cut all stand on it. */
const meanOfCut = (medianNs: number, sigma: number, maxNs: number): number => {
  if (sigma === 0) return Math.min(medianNs, maxNs);
  const cut = Math.log(maxNs / medianNs) / sigma;
  return medianNs * Math.exp(sigma ** 2 / 2) * shareBelow(cut - sigma) + maxNs * (1 - shareBelow(cut));
};

/** The mean in ns. */
export const mean = (distribution: Distribution): number => {
  switch (distribution.kind) {
    case "constant":
      return Math.max(1, distribution.ns);
    case "exponential":
      return Math.max(1, distribution.meanNs);
    case "log-normal":
      return Math.max(1, meanOfCut(distribution.medianNs, distribution.sigma, distribution.maxNs));
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
export const drawMet = (distribution: Sampler, random: Random): number => {
  switch (distribution.kind) {
    case "constant":
      return Math.max(1, distribution.ns);
    case "exponential":
      // The interval around a random moment is what has passed plus what is left: two independent exponentials.
      return Math.max(1, Math.round(exponential(random, distribution.meanNs) + exponential(random, distribution.meanNs)));
    case "log-normal":
      return Math.max(1, Math.round(drawMetLogNormal(distribution.medianNs, distribution.sigma, distribution.maxNs, random)));
    case "quantiles":
      return Math.max(1, Math.round(drawMetQuantile(distribution.ns, distribution.timeUpTo, random)));
  }
};

/** Length-biased, a log-normal is one again, with its median shifted; beyond the cut an interval is only as long as the cut. */
const drawMetLogNormal = (medianNs: number, sigma: number, maxNs: number, random: Random): number => {
  for (;;) {
    const ns = medianNs * Math.exp(sigma ** 2 + sigma * normal(random));
    if (ns <= maxNs) return ns;
    if (uniform(random) < maxNs / ns) return maxNs;
  }
};

/** Picks a piece of a recorded distribution by its share of time, then a value in it with density proportional to the value. */
const drawMetQuantile = (points: readonly number[], timeUpTo: readonly number[], random: Random): number => {
  const time = uniform(random) * (timeUpTo[timeUpTo.length - 1] as number);
  let piece = 1;
  while (piece < points.length && (timeUpTo[piece] as number) <= time) piece++;
  if (piece >= points.length) return points[points.length - 1] as number;
  const low = points[piece - 1] as number;
  const high = points[piece] as number;
  return Math.sqrt(low * low + uniform(random) * (high * high - low * low));
};

/** One draw of how much is left, at a random moment, of the interval that the moment falls into. */
export const drawRest = (distribution: Sampler, random: Random): number => partOf(drawMet(distribution, random), random);

/** Some of `ns`, at least 1: where in an interval of that length a random moment falls. */
export const partOf = (ns: number, random: Random): number => Math.max(1, Math.round(ns * uniform(random)));
