// A histogram in logarithmic buckets: plain data, so that it can be kept in a file, and exact about its largest value.

/** Each bucket is 2.2 % wide: the square root of the square root ... of two, 32nd root in all. */
const bucketsPerDoubling = 32;

export interface Histogram {
  n: number;
  max: number;
  /** By the number of the bucket, how many values lie in it. Zero has a bucket of its own. */
  readonly counts: Record<string, number>;
}

const zero = "zero";

export const emptyHistogram = (): Histogram => ({ n: 0, max: 0, counts: {} });

/** Adds a value of at least 0. */
export const addValue = (histogram: Histogram, value: number): void => {
  if (!(value >= 0)) throw new Error(`${value} has no place in a histogram`);
  const bucket = value === 0 ? zero : String(Math.ceil(Math.log2(value) * bucketsPerDoubling));
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
  histogram.n++;
  histogram.max = Math.max(histogram.max, value);
};

const upperEdge = (bucket: string): number => (bucket === zero ? 0 : 2 ** (Number(bucket) / bucketsPerDoubling));

/** The value that a share `p` of all values does not exceed, at most 2.2 % too high; null of nothing. */
export const quantileOf = ({ n, max, counts }: Histogram, p: number): number | null => {
  if (n === 0) return null;
  const rank = Math.max(1, Math.ceil(p * n));
  let seen = 0;
  for (const [edge, count] of Object.entries(counts)
    .map(([bucket, of]) => [upperEdge(bucket), of] as const)
    .toSorted((a, b) => a[0] - b[0])) {
    seen += count;
    if (seen >= rank) return Math.min(edge, max);
  }
  return max;
};
