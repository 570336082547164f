// The runs of a study added up, seed after seed: plain data, so that a file can hold it and a later process go on from there.
import { addValue, emptyHistogram, type Histogram } from "../stats/histogram.ts";
import { type Failure, signatureOf } from "./signature.ts";
import type { Survival, Trial } from "./trial.ts";

type Counts = Record<string, number>;

export interface ModelTally {
  readonly model: string;
  runs: number;
  readonly survived: Record<Survival, number>;
  /** Runs in which a guarantee other than `converges` was broken, and those in which only that one was. */
  unsafe: number;
  stuck: number;
  readonly stopUs: Histogram;
  readonly totalUs: Histogram;
  readonly sent: Histogram;
  /** By why, in how many runs whoever held it up most did so. */
  readonly heldBy: Counts;
}

/** One signature: how many runs bear it, and the first of them. */
export interface FailureTally extends Failure {
  readonly seed: number;
  /** The number of that run in the study. */
  readonly index: number;
  runs: number;
}

export interface Tally {
  runs: number;
  failed: number;
  events: number;
  /** Runs that took more events than a run may. */
  unending: number;
  /** Live runs that could not go on for a reason outside of the machine. */
  lost: number;
  /** Runs whose faults were switched off before they ended. */
  healed: number;
  readonly models: Record<string, ModelTally>;
  /** In how many runs something was met. */
  readonly reached: Counts;
  /** Of each kind of fault, in how many runs it was in the plan, and in how many it struck. */
  readonly faults: Record<string, { runs: number; struck: number }>;
  /** Of each fault that every run has, by its text, in how many it struck. */
  readonly given: Counts;
  readonly failures: Record<string, FailureTally>;
}

/** `given`: the faults that every run has. */
export const emptyTally = (given: readonly string[]): Tally => ({
  runs: 0,
  failed: 0,
  events: 0,
  unending: 0,
  lost: 0,
  healed: 0,
  models: {},
  reached: {},
  faults: {},
  given: Object.fromEntries(given.map((text) => [text, 0])),
  failures: {},
});

const emptyModel = (model: string): ModelTally => ({
  model,
  runs: 0,
  survived: { committed: 0, aborted: 0, open: 0, violated: 0 },
  unsafe: 0,
  stuck: 0,
  stopUs: emptyHistogram(),
  totalUs: emptyHistogram(),
  sent: emptyHistogram(),
  heldBy: {},
});

const increase = (counts: Counts, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

const addToModel = (tally: Tally, { model, survival, failures, stopUs, totalUs, sent, heldBy }: Trial): void => {
  tally.models[model] ??= emptyModel(model);
  const row = tally.models[model];
  row.runs++;
  row.survived[survival]++;
  if (failures.some(({ monitor }) => monitor !== "converges")) row.unsafe++;
  else if (failures.length > 0) row.stuck++;
  if (stopUs !== null) addValue(row.stopUs, stopUs);
  if (totalUs !== null) addValue(row.totalUs, totalUs);
  if (sent !== null) addValue(row.sent, sent);
  if (heldBy !== null) increase(row.heldBy, heldBy);
};

const addFailures = (tally: Tally, { seed, failures }: Trial, index: number): void => {
  if (failures.length > 0) tally.failed++;
  for (const failure of failures) {
    const signature = signatureOf(failure);
    tally.failures[signature] ??= { ...failure, seed, index, runs: 0 };
    tally.failures[signature].runs++;
  }
};

/** Adds one run, in the order of their numbers: the first run of a signature is the one that came first. */
export const addTrial = (tally: Tally, trial: Trial): void => {
  const index = tally.runs++;
  tally.events += trial.events;
  if (trial.ended === "event-limit") tally.unending++;
  if (trial.ended === "environment") tally.lost++;
  if (trial.healed) tally.healed++;
  addToModel(tally, trial);
  for (const thing of trial.reached) increase(tally.reached, thing);
  for (const [word, struck] of trial.faults) {
    tally.faults[word] ??= { runs: 0, struck: 0 };
    tally.faults[word].runs++;
    if (struck) tally.faults[word].struck++;
  }
  for (const text of Object.keys(tally.given)) if (!trial.idle.includes(text)) increase(tally.given, text);
  addFailures(tally, trial, index);
};
