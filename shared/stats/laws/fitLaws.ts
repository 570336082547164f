// The growth of a curve: every law fitted, with intervals, and the one that it follows, if the points tell.
import { chooseLaw } from "./choose.ts";
import type { Fit } from "./fit.ts";
import { type Parameter, parametersOf } from "./intervals.ts";
import type { LawName } from "./law.ts";
import { curveOf, type Point } from "./points.ts";
import { laws } from "./registry.ts";
import { type Axes, sentenceOf } from "./sentence.ts";

export interface FittedLaw extends Fit {
  readonly parameters: readonly Parameter[];
}

export interface Growth {
  /** Every law that the points allow, the best first. */
  readonly fits: readonly FittedLaw[];
  /** Null: cannot tell. */
  readonly chosen: FittedLaw | null;
  /** The laws that fit about as well as the best one does, whatever was chosen. */
  readonly alike: readonly LawName[];
  /** The answer for a reader. */
  readonly sentence: string;
}

/** `name` is what the intervals are drawn by: the same points under the same name give the same ones for ever. */
export const fitLaws = (points: readonly Point[], name: string, axes: Axes = { of: "N", unit: "" }): Growth => {
  const curve = curveOf(points);
  const choice = chooseLaw(
    curve,
    laws.filter(({ isOfParts }) => !(isOfParts && axes.isAmount)),
  );
  const fits = choice.fits.map((fit) => ({ ...fit, parameters: parametersOf(fit, curve, name) }));
  const chosen = fits.find(({ law }) => law === choice.chosen?.law) ?? null;
  return { fits, chosen, alike: choice.alike, sentence: sentenceOf(choice, axes) };
};
