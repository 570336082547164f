// Puts a subject beside its floor: one trial of each in turn, so that a slow minute of the machine slows both, then medians and their ratio.

/** What one trial gave, by figure. */
export type Sample = Readonly<Record<string, number>>;
export type Sampler = () => Promise<Sample>;

export interface Pair {
  /** Undefined when floors are measured alone. */
  readonly subject: Sample | undefined;
  readonly floor: Sample;
}

/** What must hold: of the ratio subject / floor, or of the subject alone. */
export interface Target {
  readonly of: "ratio" | "subject";
  /** Within: no further from 1 than this, on either side. */
  readonly bound: "at most" | "at least" | "within";
  readonly value: number;
}

interface Figure {
  readonly name: string;
  readonly unit: string;
  /** Where the trials keep it. */
  readonly key: string;
  readonly target?: Target;
}

export interface Settings {
  readonly trials: number;
  /** Patches in one live run: five rounds each, of which the first half only warms up. */
  readonly patches: number;
  /** Machine sizes, where not those of the figure. */
  readonly cpus: readonly number[] | undefined;
  /** Processes that share the CPUs of a live machine. */
  readonly hosts: readonly number[];
  readonly floorsOnly: boolean;
}

interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export const interleave = async (trials: number, subject: Sampler | undefined, floor: Sampler): Promise<readonly Pair[]> => {
  const pairs: Pair[] = [];
  for (let trial = 0; trial < trials; trial++) {
    process.stderr.write(".");
    // Who goes first alternates too: the second finds caches warm and a faster clock.
    if (trial % 2 === 0) pairs.push({ floor: await floor(), subject: await subject?.() });
    else pairs.push({ subject: await subject?.(), floor: await floor() });
  }
  process.stderr.write("\n");
  return pairs;
};

/** The k-th smallest and largest of `n` values that enclose the median with at least 95 %: no shape of distribution is assumed. */
const enclosing = (n: number): number => {
  let k = 0;
  for (let probability = 0.5 ** n, tail = probability; tail <= 0.025; k++) {
    probability *= (n - k) / (k + 1);
    tail += probability;
  }
  return Math.max(0, k - 1);
};

const estimate = (values: readonly number[]): Estimate => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (i: number): number => sorted[i] ?? Number.NaN;
  const last = sorted.length - 1;
  const k = enclosing(sorted.length);
  return { median: (at(Math.floor(last / 2)) + at(Math.ceil(last / 2))) / 2, low: at(k), high: at(last - k) };
};

/** "yes" or "no" only where the whole interval says so. */
const met = ({ bound, value }: Target, { low, high }: Estimate): string => {
  if (bound === "within") return low >= 1 - value && high <= 1 + value ? "yes" : low > 1 + value || high < 1 - value ? "no" : "unclear";
  if (bound === "at most") return high <= value ? "yes" : low > value ? "no" : "unclear";
  return low >= value ? "yes" : high < value ? "no" : "unclear";
};

const number = (value: number): string =>
  Number.isNaN(value) ? "–" : value.toPrecision(3).includes("e") ? value.toFixed(0) : value.toPrecision(3);
const spread = ({ median, low, high }: Estimate): string => `${number(median)} [${number(low)}, ${number(high)}]`;

const bounds: Readonly<Record<Target["bound"], string>> = { "at most": "≤", "at least": "≥", within: "1 ±" };

/** The cells of one line: figure, subject, floor, ratio, target, met. */
export type Row = readonly string[];

/** The ratio is the median of the ratios of neighbouring trials. */
export const row = ({ name, unit, key, target }: Figure, pairs: readonly Pair[]): Row => {
  const floors = pairs.map(({ floor }) => floor[key] ?? Number.NaN);
  const goal = target === undefined ? "" : `${bounds[target.bound]} ${target.value} ${target.of === "ratio" ? "×" : unit}`;
  const floor = spread(estimate(floors));
  const subjects = pairs.flatMap(({ subject }) => (subject === undefined ? [] : [subject[key] ?? Number.NaN]));
  if (subjects.length === 0) return [`${name}, ${unit}`, "", floor, "", goal, ""];
  const subject = estimate(subjects);
  const ratio = estimate(subjects.map((value, i) => value / (floors[i] ?? Number.NaN)));
  const verdict = target === undefined ? "" : met(target, target.of === "ratio" ? ratio : subject);
  return [`${name}, ${unit}`, spread(subject), floor, spread(ratio), goal, verdict];
};

export const table = (rows: readonly Row[]): string => {
  const lines = [["figure", "quiesce", "floor", "ratio", "target", "met"], ...rows];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0))) ?? [];
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};
