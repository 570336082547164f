// Whether something grows: the slope of what was sampled, once the warm-up is over.

export interface Sample {
  readonly seconds: number;
  readonly value: number;
}

export interface Trend {
  readonly first: number;
  readonly last: number;
  readonly most: number;
  /** The middle value of those after the warm-up. */
  readonly median: number;
  /** Theil and Sen's, after the warm-up: the median of the slopes between any two samples, which a few wild ones do not move. */
  readonly perSecond: number;
  /** What the slope comes to over the time that it was taken from, and the same of the second half of that alone. */
  readonly growth: number;
  readonly growthAtLast: number;
  /** How far the samples lie about the line: from the tenth to the ninetieth of a hundred. */
  readonly spread: number;
}

/** Heaps find their size, and code is compiled, in the first part of the time. */
const warmUpShare = 1 / 3;

const placeIn = (sorted: readonly number[], share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;

/** Slopes between any two of so many samples are soon taken. */
const mostSamples = 300;

const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
};

const thinned = (samples: readonly Sample[]): readonly Sample[] => {
  const every = Math.ceil(samples.length / mostSamples);
  return samples.filter((_, i) => i % every === 0);
};

const slopeOf = (samples: readonly Sample[]): number =>
  medianOf(samples.flatMap((a, i) => samples.slice(i + 1).map((b) => (b.value - a.value) / (b.seconds - a.seconds))));

/** Null of fewer than a dozen samples: they tell nothing. */
export const trendOf = (samples: readonly Sample[]): Trend | null => {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 12) return null;
  const from = first.seconds + (last.seconds - first.seconds) * warmUpShare;
  const warm = thinned(samples.filter(({ seconds }) => seconds >= from));
  const half = warm.slice(warm.length >> 1);
  const perSecond = slopeOf(warm);
  const residuals = warm.map(({ seconds, value }) => value - perSecond * seconds).sort((a, b) => a - b);
  return {
    first: first.value,
    last: last.value,
    most: samples.reduce((most, { value }) => Math.max(most, value), 0),
    median: medianOf(warm.map(({ value }) => value)),
    perSecond,
    spread: placeIn(residuals, 0.9) - placeIn(residuals, 0.1),
    growth: perSecond * (last.seconds - from),
    growthAtLast: (slopeOf(half) * (last.seconds - from)) / 2,
  };
};

/** What grows by less than this share of its median, or than a megabyte, or than half a file, does not grow. */
const share = 0.05;
const leastMb = 1;
const leastFiles = 0.5;

/**
 * Nor does what has not come out of what it goes up and down by anyway, as the memory of a program does whose garbage is collected now and
 * then. What grows without bound does so to the end: a heap that takes one step, because its garbage is collected less often from then on, has
 * grown over the whole of the time but not over the last half of it.
 */
export const grows = ({ growth, growthAtLast, median, spread }: Trend, quantity: "megabytes" | "files"): boolean => {
  const least = quantity === "files" ? leastFiles : Math.max(leastMb, share * median);
  return growth >= Math.max(least, spread) && growthAtLast >= least / 2;
};
