// One line of what a sweep has found out: what a run measured of its model, and what it cost the machine that simulated it.
import { BadInput } from "../machine/badInput.ts";
import { isPlain, textLimits } from "./plain.ts";

/** In the order of tables. Times are of the engine's own clock. */
export const measureNames = [
  "completion_ns",
  "gather_ns",
  "held_max_ns",
  "irqs_off_ns",
  "decide_ns",
  "switch_ns",
  "mixed_ns",
  "held_tasks_ns",
  "packets",
  "resent",
  "attempts",
  "checks",
  "events",
  "calls_per_second",
  "calls_planned_per_second",
] as const;

export type MeasureName = (typeof measureNames)[number];

/** What is the harness's own, and none of the model's. */
export const hostNames = ["host_wall_s", "host_cpu_s", "host_peak_rss_bytes"] as const;

export type HostName = (typeof hostNames)[number];

const verdicts = ["valid", "violated", "unknown"] as const;

const outcomes = ["committed", "aborted", "incomplete"] as const;

export interface RunRecord {
  /** The cell's key. */
  readonly cell: string;
  readonly seed: number;
  readonly verdict: (typeof verdicts)[number];
  /** Of the last operation. */
  readonly outcome: (typeof outcomes)[number];
  /** Null for what did not happen. */
  readonly measures: Readonly<Record<MeasureName, number | null>>;
  /** Null for what cannot be told: the memory of a run that shared its process with others. */
  readonly host: Readonly<Record<HostName, number | null>>;
  /** Who made it: a name of a worker, or of this machine. */
  readonly by: string;
}

export const recordLine = (record: RunRecord): string => `${JSON.stringify(record)}\n`;

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const areNumbers = (value: unknown, names: readonly string[]): boolean =>
  isObject(value) &&
  Object.keys(value).length === names.length &&
  names.every((name) => value[name] === null || Number.isFinite(value[name]));

/** What makes a value no record, in words; undefined if it is one. */
const whyNoRecord = (value: unknown): string | undefined => {
  if (!isObject(value)) return "is no object";
  for (const name of ["cell", "by"] as const)
    if (!isPlain(value[name], textLimits[name]))
      return `${name} is no text of at most ${textLimits[name]} characters without control characters`;
  if (!verdicts.some((verdict) => verdict === value.verdict)) return `verdict is none of ${verdicts.join(", ")}`;
  if (!outcomes.some((outcome) => outcome === value.outcome)) return `outcome is none of ${outcomes.join(", ")}`;
  if (!Number.isSafeInteger(value.seed)) return "seed is no whole number";
  if (!areNumbers(value.measures, measureNames)) return `measures are not ${measureNames.join(", ")}`;
  return areNumbers(value.host, hostNames) ? undefined : `host is not ${hostNames.join(", ")}`;
};

/** Undefined where the text is not JSON. */
export const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A record from what somebody else wrote; a text says why it is none. */
export const readRecord = (value: unknown): RunRecord | string => whyNoRecord(value) ?? (value as RunRecord);

/** The records of a file whose every line is whole. */
export const readRecords = (file: string, text: string): readonly RunRecord[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line, i) => {
      const record = readRecord(jsonOf(line));
      if (typeof record === "string") throw new BadInput(file, `line ${i + 1}`, `is no record of a run: it ${record}`);
      return record;
    });
