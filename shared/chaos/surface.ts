// The survival surface: how often one attempt commits, by how much gets lost and for how many pauses it may ask again.
//
// All pauses between repeats have one length here, against which a delivery takes no time, so that theory has something to say.
import type { Model } from "../consistency/model.ts";

/** Of each request and of each ack, in percent. */
export const lossesPercent: readonly number[] = [1, 2, 5, 10, 20, 30, 40, 50];

/** How long an attempt may take, in pauses. */
export const limitsInPauses: readonly number[] = [1, 2, 3, 4, 6, 8, 12];

/** Long against any delivery, and against what tasks take to leave the kernel. */
export const surfacePauseNs = 50_000_000;

/** The rounds of a stop before its decision: each gather, prepare and the vote. After it, nothing can be given up any more. */
const roundsToDecision = ({ gather }: Model): number => 2 + (gather === null ? 0 : gather.passes);

/** The chance that all of `cpus` have heard a request and been heard within `resends` repeats of it: each try needs both ways. */
const roundDone = (cpus: number, loss: number, resends: number): number =>
  resends < 0 ? 0 : (1 - (1 - (1 - loss) ** 2) ** (resends + 1)) ** cpus;

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

const choose = (n: number, k: number): number => factorial(n) / (factorial(k) * factorial(n - k));

/** The chance that the sum of `n` numbers drawn uniformly from 0 to 1 is at most `x` (Irwin and Hall, Biometrika 19, 1927). */
const sumAtMost = (n: number, x: number): number => {
  if (x >= n) return 1;
  if (x <= 0) return n === 0 ? 1 : 0;
  let sum = 0;
  for (let k = 0; k <= x; k++) sum += (-1) ** k * choose(n, k) * (x - k) ** n;
  return sum / factorial(n);
};

/** The chance that `resends` pauses, each between half and all of the length, fit into `pauses` lengths. */
const fits = (resends: number, pauses: number): number => sumAtMost(resends, 2 * pauses - resends);

/** How the numbers of repeats of several rounds, of which each has these chances, add up. */
const convolved = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((_, sum) => a.slice(0, sum + 1).reduce((total, chance, k) => total + chance * (b[sum - k] as number), 0));

/**
 * The chance that an attempt commits of which every packet to and from each CPU is lost with probability `loss`, when repeats come after
 * pauses of one length, shortened by up to a half at random, and the attempt may take so many of them. Null for models that do not stop
 * the machine, or that may find it busy.
 */
export const closedForm = (model: Model, cpus: number, loss: number, pauses: number): number | null => {
  if (model.gradual !== null || model.leave !== "kernel") return null;
  const most = 2 * pauses;
  const round = Array.from({ length: most + 1 }, (_, k) => roundDone(cpus, loss, k) - roundDone(cpus, loss, k - 1));
  let repeats = round;
  for (let i = 1; i < roundsToDecision(model); i++) repeats = convolved(repeats, round);
  return repeats.reduce((sum, chance, resends) => sum + chance * fits(resends, pauses), 0);
};
