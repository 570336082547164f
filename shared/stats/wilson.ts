// Wilson's interval of a share: honest for small counts, where none of twenty is not yet never.

/** The normal quantile of 97.5 %. */
const z = 1.959963984540054;

export interface Share {
  readonly low: number;
  readonly high: number;
}

/** Where a share lies with 95 % confidence, of which `hits` of `of` were seen (E. B. Wilson, JASA 22, 1927). */
export const wilson = (hits: number, of: number): Share => {
  if (!(of > 0 && hits >= 0 && hits <= of)) throw new Error(`${hits} of ${of} is no share`);
  const p = hits / of;
  const spread = (z * z) / of;
  const middle = (p + spread / 2) / (1 + spread);
  const half = (z / (1 + spread)) * Math.sqrt((p * (1 - p)) / of + spread / (4 * of));
  // Rounding must not take the ends of none and all off 0 and 1.
  return { low: hits === 0 ? 0 : middle - half, high: hits === of ? 1 : middle + half };
};
