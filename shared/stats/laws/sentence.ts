// Laws of growth in words, as "grows as 19 us + 11.8 us x CPUs (R2 0.99)".
import { type Choice, fewestSizes } from "./choose.ts";
import type { Fit } from "./fit.ts";
import type { LawName } from "./law.ts";

/** What grows (CPUs, tasks) and the unit of what is measured (us, MB). */
export interface Axes {
  readonly of: string;
  readonly unit: string;
  /** What grows is an amount (of time, of loss) and not a number of things, so that laws of N parts say nothing of it. */
  readonly isAmount?: boolean;
}

const digits = 3;

/** Three significant digits, with no exponent within reach of a reader. */
const rounded = (value: number): string => {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(digits - 1);
  const decimals = size === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value.toLocaleString("en", { maximumFractionDigits: decimals });
};

const withUnit = (value: number, { unit }: Axes): string => (unit === "" ? rounded(value) : `${rounded(value)} ${unit}`);

const sum = (a: number, b: number, what: string, axes: Axes): string =>
  `${b < 0 ? "falls" : "grows"} as ${withUnit(a, axes)} ${b < 0 ? "-" : "+"} ${withUnit(Math.abs(b), axes)} x ${what}`;

type Say = (values: readonly number[], axes: Axes) => string;

const say: Readonly<Record<LawName, Say>> = {
  constant: ([a = 0], axes) => `stays at ${withUnit(a, axes)} for any number of ${axes.of}`,
  logarithm: ([a = 0, b = 0], axes) => sum(a, b, `log2 ${axes.of}`, axes),
  line: ([a = 0, b = 0], axes) => sum(a, b, axes.of, axes),
  "exponential-arrivals": ([a = 0, b = 0], axes) =>
    `${sum(a, b, `H(${axes.of})`, axes)}, the last of as many exponential times of mean ${withUnit(b, axes)}`,
  "normal-arrivals": ([a = 0, b = 0], axes) =>
    `${sum(a, b, `M(${axes.of})`, axes)}, the last of as many normal times of deviation ${withUnit(b, axes)}`,
  "heavy-tail": ([a = 0, b = 0, c = 0], axes) =>
    `${sum(a, b, `${axes.of}^${rounded(c)}`, axes)}, as the last of many times with a heavy tail`,
  scalability: ([a = 0, sigma = 0, kappa = 0], axes) =>
    sigma === 0
      ? `grows as ${withUnit(a, axes)} x (1 + ${rounded(kappa)} N (N - 1)) with N for ${axes.of}, with their square`
      : `grows as ${withUnit(a, axes)} x (1 + ${rounded(sigma)} (N - 1) + ${rounded(kappa)} N (N - 1)) with N for ${axes.of}, the universal scalability law`,
};

/** Beyond this a law is a rough one, and says so. */
const roughly = 0.1;

const chosenLaw = ({ law, values, r2, relativeError, from }: Fit, alike: readonly LawName[], axes: Axes): string => {
  const others = alike.filter((other) => other !== law.name);
  const notes = [
    ...(law.name === "constant" ? [] : [`R2 ${rounded(r2)}`]),
    // A time below zero is none: such a law is of the sizes that were seen.
    ...((values[0] as number) < 0 && law.name !== "constant" ? [`from N = ${rounded(from)} on, for it begins below 0`] : []),
    ...(relativeError > roughly ? [`roughly: off by ${rounded(100 * relativeError)} % at a point`] : []),
    ...(others.length === 0 ? [] : [`not told from ${others.join(", ")}`]),
  ];
  return `${say[law.name](values, axes)}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`;
};

const whyNone = ({ alike, sizes, nearest }: Choice): string => {
  if (sizes < fewestSizes) return `${sizes} sizes with a value, and at least ${fewestSizes} are needed`;
  if (nearest === null) return `these fit about as well: ${alike.join(", ")}`;
  return `the nearest law, ${nearest.law.name}, is off by ${rounded(100 * nearest.relativeError)} % at a point`;
};

/** One sentence, whatever the points were. */
export const sentenceOf = (choice: Choice, axes: Axes): string =>
  choice.chosen === null ? `cannot tell how it grows: ${whyNone(choice)}` : chosenLaw(choice.chosen, choice.alike, axes);
