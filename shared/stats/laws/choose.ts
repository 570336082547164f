// Which law a curve follows: the simplest of those that fit it best, if there is one.
import { type Fit, fitLaw } from "./fit.ts";
import type { Curve, Law, LawName } from "./law.ts";
import { laws } from "./registry.ts";

export interface Choice {
  /** Every law that the points allow, the best first. */
  readonly fits: readonly Fit[];
  /** Null: cannot tell. */
  readonly chosen: Fit | null;
  /** The laws that fit about as well as the best one does, whatever was chosen. */
  readonly alike: readonly LawName[];
  /** Sizes with a value. */
  readonly sizes: number;
  /** What would have been chosen, were it not too far off. */
  readonly nearest: Fit | null;
}

/** Laws whose criterion is within this of the best have substantial support (Burnham and Anderson, Model Selection, 2002, section 2.6). */
const substantial = 2;

/** A law that is off by more than this at a point (root mean square) is none of the curve's, though every other be worse. */
const tooFar = 1 / 3;

/** Laws with two parameters then still have a criterion, and points to be wrong at. */
export const fewestSizes = 5;

/** Both grow by the same for each doubling, so which of them it is hardly ever shows. */
const isSameShape = (a: LawName, b: LawName): boolean =>
  a === b || [a, b].every((name) => name === "logarithm" || name === "exponential-arrivals");

const isEnough = (simple: Law, other: Law): boolean => isSameShape(simple.name, other.name) || other.contains.includes(simple.name);

/** Less is better; what has none comes last. */
const criterionOf = ({ aicc }: Fit): number => aicc ?? Number.MAX_VALUE;

/** A parameter that says nothing costs at most 2, so a law goes before those that contain it (T. W. Arnold, J. Wildlife Management 74, 2010). */
export const chooseLaw = (curve: Curve, mayHave: readonly Law[] = laws): Choice => {
  const fits = mayHave.flatMap((law) => fitLaw(law, curve) ?? []).toSorted((a, b) => criterionOf(a) - criterionOf(b));
  const sizes = new Set(curve.x).size;
  const [best] = fits;
  if (best === undefined || sizes < fewestSizes) return { fits, chosen: null, alike: [], sizes, nearest: null };
  const candidates = fits.filter((fit) => criterionOf(fit) <= criterionOf(best) + substantial);
  const nearest = candidates.find((fit) => candidates.every((other) => isEnough(fit.law, other.law))) ?? null;
  const chosen = nearest !== null && nearest.relativeError <= tooFar ? nearest : null;
  return { fits, chosen, alike: candidates.map(({ law }) => law.name), sizes, nearest };
};
