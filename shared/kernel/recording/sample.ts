// A bounded random sample of durations and its quantiles: a log may be longer than memory, a distribution needs no more than this.
import { below, type Random, stream } from "../../machine/random.ts";

const capacity = 65_536;

/** Keeps every value up to its capacity, then each of the values seen with equal probability (reservoir sampling, seeded). */
export class Sample {
  count = 0;
  private readonly values: number[] = [];
  private readonly random: Random;
  private sorted = true;

  constructor(name: string) {
    this.random = stream(1, name);
  }

  add(value: number): void {
    this.count++;
    this.sorted = false;
    if (this.values.length < capacity) this.values.push(value);
    else {
      const place = below(this.random, this.count);
      if (place < capacity) this.values[place] = value;
    }
  }

  /** The values kept, ascending. */
  ascending(): readonly number[] {
    if (!this.sorted) this.values.sort((a, b) => a - b);
    this.sorted = true;
    return this.values;
  }
}

/** The value below which the share `p` of the ascending `values` lies; 0 of none. */
export const quantile = (values: readonly number[], p: number): number => {
  const position = p * (values.length - 1);
  const low = values[Math.floor(position)] ?? 0;
  return low + ((values[Math.ceil(position)] ?? low) - low) * (position - Math.floor(position));
};

/**
 * `points` equally spaced quantiles of ascending `values`, as a workload file states them: integers, at least 1. The last one is
 * not the longest value ever seen, which a line from its neighbour would make far too common, but what keeps the mean of the tail.
 */
export const quantiles = (values: readonly number[], points: number): readonly number[] => {
  const chosen = Array.from({ length: points }, (_, i) => quantile(values, i / (points - 1)));
  const tail = values.slice(Math.floor(((points - 2) / (points - 1)) * values.length));
  const mean = tail.reduce((sum, value) => sum + value, 0) / tail.length;
  const before = chosen[points - 2] ?? 0;
  chosen[points - 1] = Math.min(chosen[points - 1] ?? 0, Math.max(before, 2 * mean - before));
  return chosen.map((value) => Math.max(1, Math.round(value)));
};
