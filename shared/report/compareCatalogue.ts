// Every patch of a catalogue under each model, folded: which ones apply, at which attempt, how fast, and what keeps the others out.
import type { Patch } from "../kernel/patch.ts";
import { brokenOf, foldRuns, hazardsOf, isCommitted, timingsOf, verdictsOf } from "./compareRows.ts";
import type { Applied, Catalogue, Shared } from "./compareSummary.ts";
import type { Summary } from "./summary.ts";

/** The runs of one patch under one model. */
export interface PatchRuns {
  readonly patch: Patch;
  readonly runs: readonly Summary[];
}

/** In words that several patches may share: no CPU, no task, no time. */
const blockerOf = (runs: readonly Summary[]): string => {
  const { blame, verdicts } = foldRuns(runs);
  if (blame === null) return verdicts.violated > 0 ? "a guarantee was broken" : "nobody is named";
  return `${blame.why}${blame.function === undefined ? "" : ` in ${blame.function}`}`;
};

const blockersOf = (rows: readonly PatchRuns[]): Applied["blockers"] =>
  [
    ...Map.groupBy(
      rows.filter(({ runs }) => !runs.every(isCommitted)),
      ({ runs }) => blockerOf(runs),
    ),
  ]
    .map(([text, blocked]) => ({ text, patches: blocked.map(({ patch }) => patch.id) }))
    .toSorted((a, b) => b.patches.length - a.patches.length);

/** How many runs committed without an attempt that failed, with one, and so on: each operation takes one attempt at least. */
const byAttempt = (committed: readonly Summary[]): readonly number[] => {
  const failed = committed.map(({ attempts, operations }) => attempts - operations.asked);
  return Array.from({ length: Math.max(-1, ...failed) + 1 }, (_, i) => failed.filter((count) => count === i).length);
};

const appliedOf = (rows: readonly PatchRuns[]): readonly Applied[] => {
  const runs = rows.flatMap((row) => row.runs);
  const [first] = runs;
  if (first === undefined) return [];
  const committed = runs.filter(isCommitted);
  return [
    {
      model: first.model.name,
      leave: first.model.leave,
      switch: first.model.switch,
      patches: rows.length,
      applied: rows.filter((row) => row.runs.every(isCommitted)).length,
      byAttempt: byAttempt(committed),
      verdicts: verdictsOf(runs),
      hazards: hazardsOf(runs),
      broken: brokenOf(runs),
      timings: committed.length === 0 ? {} : timingsOf(committed),
      blockers: blockersOf(rows),
    },
  ];
};

/** `models`: of each model, the runs of its patches; what an interrupt left without runs has no row. */
export const catalogueOf = (shared: Shared, models: ReadonlyArray<readonly PatchRuns[]>): Catalogue => {
  const tried = models.map((rows) => rows.filter(({ runs }) => runs.length > 0));
  return {
    schema: "quiesce.catalogue/1",
    ...shared,
    models: tried.flatMap(appliedOf),
    rows: tried.flatMap((rows) => rows.map(({ patch, runs }) => ({ patch: patch.id, kind: patch.kind, ...foldRuns(runs) }))),
  };
};
