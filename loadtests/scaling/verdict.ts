// Whether a time follows a resource, in a word: judged by the interval of its elasticity where the resource is large.
import type { Parameter } from "../../shared/stats/laws/intervals.ts";

/** From the least elasticity up: each word reaches to the next edge. */
const words = [
  { upTo: -0.05, word: "falls" },
  { upTo: 0.05, word: "no" },
  { upTo: 0.8, word: "in part" },
  { upTo: 1.2, word: "**in proportion**" },
  { upTo: Number.POSITIVE_INFINITY, word: "**more than in proportion**" },
] as const;

/** For the page: the rule by which the words below it were found. */
export const verdictRule = `The word is judged by the 95 % interval over the upper half, and by nothing else: *no* if it lies within -0.05 to 0.05, *in part* within
0.05 to 0.8, *in proportion* within 0.8 to 1.2, *more than in proportion* above, *falls* below. An interval that reaches over an edge gets both words, one over two edges *cannot tell*. Loss, where no law
fits its curve, is *a step*: it costs nothing until a packet is lost, and then a resend; its elasticities are averages over the step.`;

export const verdict = ({ low, high }: Parameter): string => {
  if (low === null || high === null) return "cannot tell";
  const first = words.findIndex(({ upTo }) => low <= upTo);
  const last = words.findIndex(({ upTo }) => high <= upTo);
  const reached = words.slice(first, last + 1).map(({ word }) => word);
  return reached.length > 2 ? "cannot tell" : reached.join(" or ");
};
