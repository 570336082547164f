// Thresholds: what a load run must keep to, like `latencyUs:during:p99<500` or `achieved>0.99`.
import { didYouMean } from "../machine/badInput.ts";
import { type LoadPhase, phases, type Spread, statistics } from "./latency.ts";

/** What a threshold is held against: the part of a run's document that thresholds can name. */
export interface Thresholded {
  readonly latencyUs: Readonly<Record<LoadPhase | "all", Spread | null>>;
  readonly serviceUs: Readonly<Record<LoadPhase | "all", Spread | null>>;
  /** How long callers of other CPUs waited for the answer. */
  readonly callUs: Readonly<Record<LoadPhase | "all", Spread | null>>;
  /** Calls between CPUs that came to their end, of all that were planned; null where none were. */
  readonly called: number | null;
  /** How long reschedule interrupts were on their way, and how many arrived of all that were planned. */
  readonly rescheduleUs: Readonly<Record<LoadPhase | "all", Spread | null>>;
  readonly rescheduled: number | null;
  readonly achieved: number;
  readonly lost: number;
  readonly patched: number;
  readonly dip: {
    readonly depth: number | null;
    readonly noise: number | null;
    readonly widthUs: number | null;
    readonly area: number | null;
    readonly recoveryUs: number | null;
  };
  readonly irqsOffUs: number;
}

const spreads = ["latencyUs", "serviceUs", "callUs", "rescheduleUs"] as const;
const dips = ["depth", "noise", "widthUs", "area", "recoveryUs"] as const;
const numbers = ["achieved", "called", "rescheduled", "lost", "patched", "irqsOffUs"] as const;
const places = ["all", ...phases] as const;

const metrics: readonly string[] = [...spreads, "dip", ...numbers];

/** For the manual. */
export const thresholdHelp: ReadonlyArray<{ readonly example: string; readonly help: string }> = [
  { example: "latencyUs:during:p99<500", help: `from the intended start; ${places.join(", ")}; ${statistics.join(", ")}` },
  { example: "serviceUs:all:p50<100", help: "from when a server took it up" },
  { example: "callUs:during:max<2000", help: "how long a call on another CPU takes, from the call to the answer" },
  { example: "called>0.95", help: "calls between CPUs that came to an end, of all that were planned" },
  { example: "rescheduleUs:during:p99<2000", help: "how long a reschedule interrupt is on its way" },
  { example: "rescheduled>0.95", help: "reschedule interrupts that arrived, of all that were planned" },
  { example: "achieved>0.99", help: "answered by the end of all that arrived" },
  { example: "dip:area<100", help: `the median over the operations; ${dips.join(", ")}` },
  { example: "lost<1", help: "requests lost with a dead CPU" },
  { example: "patched>0.99", help: "operations carried out of all that were planned" },
  { example: "irqsOffUs<100", help: "with interrupts off for operations, the worst CPU" },
];

export interface Threshold {
  readonly text: string;
  readonly comparison: "<" | ">";
  readonly limit: number;
  readonly valueIn: (run: Thresholded) => number | null;
}

/** The threshold, or what is wrong with its text. */
export const parseThreshold = (text: string): Threshold | string => {
  const match = /^([^<>=]+)([<>])(\d+(?:\.\d+)?)$/.exec(text.replaceAll(/\s/g, ""));
  if (match === null) return `"${text}" is no threshold: expected METRIC<NUMBER or METRIC>NUMBER, like latencyUs:during:p99<500`;
  const [, path = "", comparison = "<", limit = ""] = match;
  const valueIn = readerOf(path.split(":"));
  return typeof valueIn === "string"
    ? `"${text}": ${valueIn}`
    : { text, comparison: comparison as "<" | ">", limit: Number(limit), valueIn };
};

const oneOf = <W extends string>(word: string | undefined, words: readonly W[], what: string): W | { readonly problem: string } => {
  const found = words.find((known) => known === word);
  if (found !== undefined) return found;
  if (word === undefined) return { problem: `expected ${what}: ${words.join(", ")}` };
  return { problem: `unknown ${what} "${word}"${didYouMean(word, words)}; known: ${words.join(", ")}` };
};

const readerOf = ([metric, ...rest]: readonly string[]): Threshold["valueIn"] | string => {
  const known = oneOf(metric, metrics, "metric");
  if (typeof known !== "string") return known.problem;
  const beyond = rest.length > (known === "dip" ? 1 : spreads.some((name) => name === known) ? 2 : 0) ? rest.at(-1) : undefined;
  if (beyond !== undefined) return `nothing is known below that by the name of "${beyond}"`;
  if (known === "dip") {
    const part = oneOf(rest[0], dips, "part of a dip");
    return typeof part === "string" ? ({ dip }) => dip[part] : part.problem;
  }
  const number = numbers.find((name) => name === known);
  if (number !== undefined) return (run) => run[number];
  const spread = spreads.find((name) => name === known) ?? "latencyUs";
  const place = oneOf(rest[0], places, "phase");
  if (typeof place !== "string") return place.problem;
  const statistic = oneOf(rest[1], statistics, "statistic");
  return typeof statistic === "string" ? (run) => run[spread][place]?.[statistic] ?? null : statistic.problem;
};

/** Whether a run keeps to it. Nothing to measure keeps to nothing: a threshold on what never happened is crossed. */
export interface Held {
  readonly text: string;
  readonly value: number | null;
  readonly holds: boolean;
}

export const held = ({ text, comparison, limit, valueIn }: Threshold, run: Thresholded): Held => {
  const value = valueIn(run);
  return { text, value, holds: value !== null && (comparison === "<" ? value < limit : value > limit) };
};
