// By how many percent a time grows when a resource grows by one percent: the slope of the curve where both axes are logarithmic.
import { fitLaw } from "./fit.ts";
import { type Parameter, parametersOf } from "./intervals.ts";
import type { Curve } from "./law.ts";
import { curveOf, type Point } from "./points.ts";
import { straight } from "./registry.ts";

export interface Elasticity {
  /** Over all sizes, with its 95 % interval. */
  readonly overall: Parameter;
  /** Over the upper half of the sizes: what the curve comes to where the resource is large. */
  readonly atEnd: number;
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

const power = straight({ name: "line", formula: "c x N^b", because: "in logarithms" }, (logarithm) => logarithm);

/** Of sizes from 1 and values above 0; null of fewer than four sizes. 1: proportional. 0: it does not depend on the resource. */
export const elasticityOf = (points: readonly Point[], name: string): Elasticity | null => {
  const curve = inLogarithms(curveOf(points.filter(({ y }) => y > 0)));
  if (new Set(curve.x).size < 4) return null;
  const [overall, end] = [fitLaw(power, curve), fitLaw(power, upperHalf(curve))];
  const slope = overall === null ? undefined : parametersOf(overall, curve, name)[1];
  return slope === undefined || end === null ? null : { overall: { ...slope, name: "elasticity" }, atEnd: end.values[1] as number };
};
