// One law laid through a curve: its parameters, and how far it is off.
import { type Curve, type Law, squaresLeft } from "./law.ts";

export interface Fit {
  readonly law: Law;
  /** In the order of the law's own. */
  readonly values: readonly number[];
  /** The share of the curve's weighted variance that the law explains; 1 if there is none. */
  readonly r2: number;
  /** The root of the mean square of what the law is off by at a point, relative to the point. */
  readonly relativeError: number;
  /** Akaike's criterion, corrected for few points (Hurvich and Tsai, Biometrika 76, 1989): less is better. Null with too few points. */
  readonly aicc: number | null;
  /** The sizes that were seen: beyond them a value of the law is a guess. */
  readonly from: number;
  readonly to: number;
}

/** Squares left below this, for each point and in units of its error, are the rounding of the points and of the arithmetic. */
const rounding = 1e-6;

/** The scale of the errors is a parameter too. */
const criterion = (squares: number, n: number, parameters: number): number | null => {
  const k = parameters + 1;
  if (n - k - 1 <= 0) return null;
  return n * Math.log(Math.max(squares / n, rounding)) + 2 * k + (2 * k * (k + 1)) / (n - k - 1);
};

const weightedR2 = (squares: number, { y, error }: Curve): number => {
  const weights = error.map((one) => 1 / one ** 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = y.reduce((sum, value, i) => sum + (weights[i] as number) * value, 0) / total;
  const variance = y.reduce((sum, value, i) => sum + (weights[i] as number) * (value - mean) ** 2, 0);
  return variance === 0 ? 1 : 1 - squares / variance;
};

const relativeErrorOf = (law: Law, parameters: readonly number[], { x, y }: Curve): number => {
  const squares = x.map((at, i) => {
    const seen = y[i] as number;
    const off = law.valueAt(at, parameters) - seen;
    return off === 0 ? 0 : (off / seen) ** 2;
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / x.length);
};

/** Null if the points do not tell the law's parameters. */
export const fitLaw = (law: Law, curve: Curve): Fit | null => {
  if (new Set(curve.x).size < law.parameters.length) return null;
  const values = law.fit(curve);
  if (values === null || !values.every(Number.isFinite)) return null;
  const squares = squaresLeft(law, values, curve);
  return {
    law,
    values,
    r2: weightedR2(squares, curve),
    relativeError: relativeErrorOf(law, values, curve),
    aicc: criterion(squares, curve.x.length, values.length),
    from: curve.x[0] as number,
    to: curve.x.at(-1) as number,
  };
};

/** What the law says of a size, and whether that is a guess beyond the sizes that were seen. */
export const predict = ({ law, values, from, to }: Fit, x: number): { readonly y: number; readonly isExtrapolated: boolean } => ({
  y: law.valueAt(x, values),
  isExtrapolated: x < from || x > to,
});
