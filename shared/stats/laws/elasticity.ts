// By how many percent a time grows when a resource grows by one percent: the slope of the curve where both axes are logarithmic.
import { fitLaw } from "./fit.ts";
import { type Parameter, parametersOf } from "./intervals.ts";
import type { Curve } from "./law.ts";
import { curveOf, type Point } from "./points.ts";
import { straight } from "./registry.ts";

export interface Elasticity {
  /** Over all sizes, with its 95 % interval. */
  readonly overall: Parameter;
  /** Over the upper half of the sizes: what the curve comes to where the resource is large. No interval of fewer than three sizes. */
  readonly atEnd: Parameter;
}

/** In logarithms an error is relative. */
const inLogarithms = ({ x, y, error }: Curve): Curve => ({
  x: x.map(Math.log),
  y: y.map(Math.log),
  error: error.map((one, i) => one / (y[i] as number)),
});

const upperHalf = ({ x, y, error }: Curve): Curve => {
  const half = Math.floor(x.length / 2);
  return { x: x.slice(half), y: y.slice(half), error: error.slice(half) };
};

const power = straight({ name: "line", formula: "c x N^b", because: "in logarithms", isOfParts: false }, (logarithm) => logarithm);

const slopeOf = (curve: Curve, name: string): Parameter | null => {
  const fit = fitLaw(power, curve);
  const slope = fit === null ? undefined : parametersOf(fit, curve, name)[1];
  return slope === undefined ? null : { ...slope, name: "elasticity" };
};

/** Of sizes from 1 and values above 0; null of fewer than four sizes. 1: proportional. 0: it does not depend on the resource. */
export const elasticityOf = (points: readonly Point[], name: string): Elasticity | null => {
  const curve = inLogarithms(curveOf(points.filter(({ y }) => y > 0)));
  if (new Set(curve.x).size < 4) return null;
  const [overall, atEnd] = [slopeOf(curve, name), slopeOf(upperHalf(curve), `${name}, at the end`)];
  return overall === null || atEnd === null ? null : { overall, atEnd };
};
