// Quantiles of a sample.

/** The sample in ascending order. */
export const ascending = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

/**
 * The `p`-quantile of a sample in ascending order, linear between its two neighbours: Hyndman and Fan's seventh definition (The American
 * Statistician 50, 1996), the usual one of R and NumPy.
 */
export const quantile = (sorted: readonly number[], p: number): number => {
  if (sorted.length === 0) throw new Error("a quantile of nothing");
  if (!(p >= 0 && p <= 1)) throw new Error(`there is no quantile at ${p}`);
  const at = (sorted.length - 1) * p;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
};
