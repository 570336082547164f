// The laws of growth, each with how it is fitted.
import { lastOfExponential, lastOfNormal } from "./arrivals.ts";
import { type Curve, type Law, squaresLeft, weighted, weightedValues } from "./law.ts";
import { solve } from "./leastSquares.ts";

const constant: Law = {
  name: "constant",
  formula: "a",
  because: "nothing depends on N",
  isOfParts: false,
  parameters: ["a"],
  contains: [],
  fit: (curve) =>
    solve(
      weighted(curve, () => [1], 1),
      weightedValues(curve),
    ),
  valueAt: (_, [a = 0]) => a,
  gradientAt: () => [1],
};

/** `a + b * of(N)`. */
export const straight = (
  law: Pick<Law, "name" | "formula" | "because" | "isOfParts">,
  of: (n: number) => number,
  allows: (b: number) => boolean = () => true,
): Law => ({
  ...law,
  parameters: ["a", "b"],
  contains: ["constant"],
  fit: (curve) => {
    const parameters = solve(
      weighted(curve, (n) => [1, of(n)], 2),
      weightedValues(curve),
    );
    return parameters !== null && allows(parameters[1] as number) ? parameters : null;
  },
  valueAt: (n, [a = 0, b = 0]) => a + b * of(n),
  gradientAt: (n) => [1, of(n)],
});

/** A spread is never negative. */
const isSpread = (b: number): boolean => b > 0;

/** Beyond these powers a curve of 2 to 2^20 differs from a logarithm or a line by less than its points usually err. */
const powers = { least: 0.05, most: 0.95, step: 0.05, exact: 1e-5 };

/** For one power: the other two parameters, and the squares left. */
const atPower = (curve: Curve, power: number): { readonly parameters: readonly number[]; readonly squares: number } | null => {
  const linear = solve(
    weighted(curve, (n) => [1, n ** power], 2),
    weightedValues(curve),
  );
  if (linear === null) return null;
  const parameters = [...linear, power];
  return { parameters, squares: squaresLeft(heavyTail, parameters, curve) };
};

/** The least of a function between `low` and `high` that has one valley there: golden sections. */
const leastBetween = (of: (at: number) => number, low: number, high: number): number => {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [from, to] = [low, high];
  let [left, right] = [to - golden * (to - from), from + golden * (to - from)];
  let [ofLeft, ofRight] = [of(left), of(right)];
  while (to - from > powers.exact) {
    if (ofLeft < ofRight) {
      [to, right, ofRight] = [right, left, ofLeft];
      left = to - golden * (to - from);
      ofLeft = of(left);
    } else {
      [from, left, ofLeft] = [left, right, ofRight];
      right = from + golden * (to - from);
      ofRight = of(right);
    }
  }
  return (from + to) / 2;
};

const fitPower = (curve: Curve): readonly number[] | null => {
  const squaresAt = (power: number): number => atPower(curve, power)?.squares ?? Number.POSITIVE_INFINITY;
  const steps = Math.round((powers.most - powers.least) / powers.step);
  const grid = Array.from({ length: steps + 1 }, (_, i) => powers.least + i * powers.step);
  const squares = grid.map(squaresAt);
  const best = squares.indexOf(Math.min(...squares));
  if (best <= 0 || best === steps) return null;
  const power = leastBetween(squaresAt, grid[best - 1] as number, grid[best + 1] as number);
  const parameters = atPower(curve, power)?.parameters ?? null;
  return parameters !== null && isSpread(parameters[1] as number) ? parameters : null;
};

const heavyTail: Law = {
  name: "heavy-tail",
  formula: "a + b x N^c",
  because:
    "the last of N that each take a time with a heavy tail, as who waits twice as long after every loss: of N draws of a Pareto distribution of index 1/c the largest grows as N^c",
  isOfParts: true,
  parameters: ["a", "b", "c"],
  contains: ["constant", "logarithm", "exponential-arrivals", "normal-arrivals", "line"],
  fit: fitPower,
  valueAt: (n, [a = 0, b = 0, c = 0]) => a + b * n ** c,
  gradientAt: (n, [, b = 0, c = 0]) => [1, n ** c, b * n ** c * Math.log(n)],
};

/** A share of a value that no point would show. */
const negligible = 0.01;

/** True if the part of the law with the one parameter shows at some size: else it is a simpler law. */
const shows = (curve: Curve, parameters: readonly number[], only: readonly number[]): boolean =>
  curve.x.some((n) => scalability.valueAt(n, only) - (only[0] as number) > negligible * scalability.valueAt(n, parameters));

/** Linear in a, a * sigma and a * kappa. */
const fitScalability = (curve: Curve): readonly number[] | null => {
  const y = weightedValues(curve);
  const all = solve(
    weighted(curve, (n) => [1, n - 1, n * (n - 1)], 3),
    y,
  );
  if (all === null) return null;
  const [a = 0, contention = 0, coherency = 0] = all;
  const ifAgreeing = ([alone = 0, sigma = 0, kappa = 0]: readonly number[]): readonly number[] | null =>
    alone > 0 && shows(curve, [alone, sigma, kappa], [alone, 0, kappa]) ? [alone, sigma, kappa] : null;
  const waiting = [a, contention / a, coherency / a];
  if (contention >= 0 && shows(curve, waiting, [a, contention / a, 0])) return ifAgreeing(waiting);
  const [alone = 0, without = 0] =
    solve(
      weighted(curve, (n) => [1, n * (n - 1)], 2),
      y,
    ) ?? [];
  return ifAgreeing([alone, 0, without / alone]);
};

const scalability: Law = {
  name: "scalability",
  formula: "a x (1 + sigma (N - 1) + kappa N (N - 1))",
  because:
    "Gunther's universal scalability law, as a time: N parts that each wait for all others (sigma), and that each agree with each other (kappa)",
  isOfParts: true,
  parameters: ["a", "sigma", "kappa"],
  contains: ["constant", "line"],
  fit: fitScalability,
  valueAt: (n, [a = 0, sigma = 0, kappa = 0]) => a * (1 + sigma * (n - 1) + kappa * n * (n - 1)),
  gradientAt: (n, [a = 0, sigma = 0, kappa = 0]) => [1 + sigma * (n - 1) + kappa * n * (n - 1), a * (n - 1), a * n * (n - 1)],
};

/** From the simplest up. */
export const laws: readonly Law[] = [
  constant,
  straight({ name: "logarithm", formula: "a + b x log2 N", because: "levels of a tree", isOfParts: false }, Math.log2),
  straight(
    {
      name: "exponential-arrivals",
      formula: "a + b x H(N)",
      because: "the last of N that each take an exponential time of mean b",
      isOfParts: true,
    },
    lastOfExponential,
    isSpread,
  ),
  straight(
    {
      name: "normal-arrivals",
      formula: "a + b x M(N)",
      because: "the last of N that each take a normal time of deviation b",
      isOfParts: true,
    },
    lastOfNormal,
    isSpread,
  ),
  straight({ name: "line", formula: "a + b x N", because: "one after the other", isOfParts: false }, (n) => n),
  heavyTail,
  scalability,
];
