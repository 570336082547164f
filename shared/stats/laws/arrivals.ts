// How late the last of N comes that all set out at once: the expected maximum of N draws, in units of the spread of one.

const eulerGamma = 0.5772156649015329;

/** From here on the series below is exact to a double. */
const manyTerms = 32;

/** The expected maximum of N exponential draws of mean 1: the harmonic number 1 + 1/2 + ... + 1/N, also between whole N. */
export const lastOfExponential = (n: number): number => {
  // Asymptotic series of the harmonic number (Abramowitz and Stegun 6.3.18), reached by H(n) = H(n + 1) - 1 / (n + 1).
  let down = 0;
  let m = n;
  for (; m < manyTerms; m++) down += 1 / (m + 1);
  const inverse = 1 / (m * m);
  return Math.log(m) + eulerGamma + 1 / (2 * m) - inverse * (1 / 12 - inverse * (1 / 120 - inverse / 252)) - down;
};

/** Coefficients of Acklam's rational approximation of the normal quantile (P. J. Acklam, 2003), to 1.2e-9 of its value. */
const central = {
  over: [-3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239],
  under: [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1],
};
const outer = {
  over: [-7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783],
  under: [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1],
};

const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduce((sum, c) => sum * x + c, 0);

/** The value that a standard normal exceeds with probability `tail`, of at most a half. */
const normalExceeded = (tail: number): number => {
  if (tail < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(tail));
    return -polynomial(outer.over, q) / polynomial(outer.under, q);
  }
  const q = 0.5 - tail;
  return (q * polynomial(central.over, q * q)) / polynomial(central.under, q * q);
};

/** The expected maximum of N standard normal draws, within 5 % and from ten on within 1 % (G. Blom, Statistical Estimates and Transformed Beta-Variables, 1958). */
export const lastOfNormal = (n: number): number => normalExceeded((1 - 0.375) / (n + 0.25));
