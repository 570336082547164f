// How long a CPU of the floors takes to answer: the same draws as in the peers.
let word = 42;

/** Whole nanoseconds with a mean of 1 ms, from the xorshift that the other simulators of the benchmark use too. */
export const delayNs = (): number => {
  word ^= word << 13;
  word ^= word >>> 17;
  word ^= word << 5;
  return Math.ceil(-Math.log(1 - (word >>> 0) / 4294967296) * 1e6);
};
