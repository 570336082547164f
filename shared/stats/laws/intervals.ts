// How exactly the points tell the parameters of a law: a bootstrap of the curve.
import { normal, stream } from "../../machine/random.ts";
import { ascending, quantile } from "../quantile.ts";
import type { Fit } from "./fit.ts";
import { type Curve, type Law, squaresLeft, weighted } from "./law.ts";
import { standardErrors } from "./leastSquares.ts";

/** With the ends of its 95 % interval; null where there are no more points than parameters. */
export interface Parameter {
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Enough for the ends of a studentised interval (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 12.5). */
const resamples = 1_000;
const tail = 0.025;

/** How far points scatter about the law, in units of what they were said to err by. */
const scatter = (law: Law, values: readonly number[], curve: Curve): number =>
  Math.sqrt(squaresLeft(law, values, curve) / (curve.x.length - values.length));

/** The standard error of each parameter. */
const errorsOf = (law: Law, values: readonly number[], curve: Curve): readonly number[] | null => {
  const scale = scatter(law, values, curve);
  return standardErrors(weighted(curve, (x) => law.gradientAt(x, values), values.length))?.map((one) => one * scale) ?? null;
};

/** By how many standard errors each parameter is off, in curves that are drawn about the law with the errors of its points. */
const deviations = (law: Law, values: readonly number[], curve: Curve, name: string): readonly number[][] => {
  const scale = scatter(law, values, curve);
  const means = curve.x.map((x) => law.valueAt(x, values));
  const random = stream(curve.x.length, `bootstrap ${law.name} ${name}`);
  const off: number[][] = values.map(() => []);
  for (let i = 0; i < resamples; i++) {
    const drawn = { ...curve, y: means.map((mean, at) => mean + scale * (curve.error[at] as number) * normal(random)) };
    const again = law.fit(drawn);
    const errors = again === null ? null : errorsOf(law, again, drawn);
    if (again === null || errors === null) continue;
    for (const [k, list] of off.entries()) list.push(((again[k] as number) - (values[k] as number)) / (errors[k] as number));
  }
  return off;
};

/**
 * The studentised parametric bootstrap: with five to ten points a percentile interval would be far too short, and for a law that is linear
 * in its parameters this one is exact. The same points under the same name give the same intervals for ever.
 */
export const parametersOf = ({ law, values }: Fit, curve: Curve, name: string): readonly Parameter[] => {
  const withEnds = (ends: (k: number) => readonly [number, number] | null): readonly Parameter[] =>
    values.map((value, k) => {
      const [low, high] = ends(k) ?? [null, null];
      return { name: law.parameters[k] as string, value, low, high };
    });
  if (curve.x.length <= values.length) return withEnds(() => null);
  if (scatter(law, values, curve) === 0) return withEnds((k) => [values[k] as number, values[k] as number]);
  const errors = errorsOf(law, values, curve);
  const off = deviations(law, values, curve, name);
  // A law that cannot be laid through most of its own curves has no interval.
  if (errors === null || (off[0] as number[]).length < resamples / 2) return withEnds(() => null);
  return withEnds((k) => {
    const sorted = ascending(off[k] as number[]);
    const end = (p: number): number => (values[k] as number) - quantile(sorted, p) * (errors[k] as number);
    return [end(1 - tail), end(tail)];
  });
};
