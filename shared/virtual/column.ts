// Columns: the values of many things of a kind in one typed array, where a million objects would stand.
type Column = Float64Array | Int32Array | Uint8Array;

/** The values of a column in a longer one. */
export const grown = <T extends Column>(from: T, to: T): T => {
  to.set(from);
  return to;
};
