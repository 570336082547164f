// The document of a chaos study from the tally of its runs.

import type { FailureTally, ModelTally, Tally } from "../chaos/tally.ts";
import { models } from "../consistency/registry.ts";
import { type Histogram, quantileOf } from "../stats/histogram.ts";
import { wilson } from "../stats/wilson.ts";
import type { Chaos, ChaosFailure, ChaosRow, ShareShown } from "./chaosSummary.ts";
import { counted } from "./counted.ts";

/** What a tally does not know of its study. */
export interface Studied
  extends Pick<
    Chaos,
    "run" | "engine" | "cpus" | "tasks" | "workload" | "profile" | "patch" | "mutant" | "faults" | "seeds" | "stopped" | "surface"
  > {
  readonly wallMs: number;
  /** Runs of the process that tells of them: others may have gone before it. */
  readonly ranNow: number;
  /** The lines to copy for a failure. */
  readonly linesOf: (failure: FailureTally) => Pick<ChaosFailure, "replay" | "shrink">;
}

/** Of nothing everything is possible. */
export const shareOf = (hits: number, of: number): ShareShown => ({ hits, of, ...(of === 0 ? { low: 0, high: 1 } : wilson(hits, of)) });

const spreadOf = (histogram: Histogram): ChaosRow["stopUs"] => {
  const [p50, p99] = [quantileOf(histogram, 0.5), quantileOf(histogram, 0.99)];
  return p50 === null || p99 === null ? null : { p50, p99, max: histogram.max, n: histogram.n };
};

const mostCommon = (counts: Readonly<Record<string, number>>): Chaos["reached"] =>
  Object.entries(counts)
    .map(([what, runs]) => ({ what, runs }))
    .toSorted((a, b) => b.runs - a.runs || (a.what < b.what ? -1 : 1));

/** Models in the order of the registry, then other cells of the grid. */
const placeOf = ({ model }: ModelTally): number => {
  const place = models.findIndex(({ name }) => name === model);
  return place < 0 ? models.length : place;
};

const rowOf = ({ model, runs, survived, unsafe, stuck, stopUs, totalUs, sent, heldBy }: ModelTally): ChaosRow => ({
  model,
  runs,
  committed: shareOf(survived.committed, runs),
  aborted: shareOf(survived.aborted, runs),
  open: shareOf(survived.open, runs),
  violated: shareOf(survived.violated, runs),
  unsafe,
  stuck,
  stopUs: spreadOf(stopUs),
  totalUs: spreadOf(totalUs),
  ipis: spreadOf(sent),
  heldBy: mostCommon(heldBy),
});

const sum = (rows: readonly ModelTally[], of: (row: ModelTally) => number): number => rows.reduce((total, row) => total + of(row), 0);

/** Violated if a promise was broken; else unknown if the study cannot vouch for what it was asked about. */
const doubtsOf = (tally: Tally, { stopped }: Studied): string[] => {
  const rows = Object.values(tally.models);
  const doubts: string[] = [];
  if (stopped === "interrupted") doubts.push("the study was interrupted");
  if (tally.lost > 0) doubts.push(`${counted(tally.lost, "run")} lost their environment`);
  if (tally.unending > 0) doubts.push(`${counted(tally.unending, "run")} reached their limit of events`);
  if (tally.runs > 0 && sum(rows, ({ survived }) => survived.committed) === 0) doubts.push("no run patched anything");
  for (const [text, struck] of Object.entries(tally.given))
    if (struck === 0) doubts.push(`the fault "${text}" was never applied in any run`);
  return doubts;
};

const failureText = ({ model, monitor, reason, seed, runs }: FailureTally): string =>
  `${model}, ${monitor}: ${reason} (${runs} ${runs === 1 ? "run" : "runs"}, first: seed ${seed})`;

export const chaosDocument = (tally: Tally, studied: Studied): Chaos => {
  const { wallMs, ranNow, linesOf, ...rest } = studied;
  const rows = Object.values(tally.models).toSorted((a, b) => placeOf(a) - placeOf(b));
  const failures = Object.values(tally.failures).toSorted((a, b) => b.runs - a.runs || a.seed - b.seed);
  const doubts = doubtsOf(tally, studied);
  return {
    schema: "quiesce.chaos/1",
    ...rest,
    verdict: failures.length > 0 ? "violated" : doubts.length > 0 ? "unknown" : "valid",
    reasons: failures.length > 0 ? failures.map(failureText) : doubts,
    runs: tally.runs,
    unsafe: shareOf(
      sum(rows, ({ unsafe }) => unsafe),
      tally.runs,
    ),
    stuck: shareOf(
      sum(rows, ({ stuck }) => stuck),
      tally.runs,
    ),
    healed: tally.healed,
    reached: mostCommon(tally.reached),
    struck: Object.entries(tally.faults)
      .map(([fault, counts]) => ({ fault, ...counts }))
      .toSorted((a, b) => (a.fault < b.fault ? -1 : 1)),
    rows: rows.map(rowOf),
    failures: failures.map((failure) => {
      const { model, monitor, reason, phase, runs, seed, index } = failure;
      return { model, monitor, reason, phase, runs, seed, index, ...linesOf(failure) };
    }),
    resources: { wallMs, runsPerSecond: wallMs > 0 ? (ranNow / wallMs) * 1000 : 0, events: tally.events },
  };
};
