// The runs of each model folded into one row: counts, medians with intervals, differences from the first model, and who held it up.
import { functionsOf, type Patch } from "../kernel/patch.ts";
import { type BySeed, type Estimate, estimate, pairedDifference } from "../stats/estimate.ts";
import { wilson } from "../stats/wilson.ts";
import type { Compare, PatchRow, Row, Shared } from "./compareSummary.ts";
import type { Summary } from "./summary.ts";

/** At least one, all of one model. */
type Runs = readonly Summary[];

type Folded = Omit<PatchRow, "patch" | "kind">;

/** Whose reasons are told; `results.csv` has every run. */
const reasonsTold = 5;

const firstOf = (runs: Runs): Summary => {
  const [first] = runs;
  if (first === undefined) throw new Error("a row of no runs");
  return first;
};

type Measure = (run: Summary) => number | null;

const bySeed = (runs: Runs, measure: Measure): BySeed =>
  new Map(
    runs.flatMap((run) => {
      const value = measure(run);
      return value === null ? [] : [[run.seed, value]];
    }),
  );

const estimateOf = (runs: Runs, name: string, measure: Measure): Estimate | null => {
  const values = [...bySeed(runs, measure).values()];
  return values.length === 0 ? null : estimate(values, name);
};

type TimingName = keyof Summary["timings"];

const timingNames = (runs: Runs): readonly TimingName[] => Object.keys(firstOf(runs).timings) as TimingName[];

/** Each of the times that a summary has. */
const timed = (runs: Runs, of: (name: TimingName, measure: Measure) => Estimate | null): Readonly<Record<string, Estimate | null>> =>
  Object.fromEntries(timingNames(runs).map((name) => [name, of(name, ({ timings }) => timings[name])]));

export const timingsOf = (runs: Runs): Readonly<Record<string, Estimate | null>> =>
  timed(runs, (name, measure) => estimateOf(runs, name, measure));

/** Always measured: an engine counts from the start. */
const counted = (runs: Runs, name: string, measure: (run: Summary) => number): Estimate => estimate(runs.map(measure), name);

export const verdictsOf = (runs: Runs): Row["verdicts"] => {
  const verdicts = { valid: 0, violated: 0, unknown: 0 };
  for (const { verdict } of runs) verdicts[verdict]++;
  return verdicts;
};

export const hazardsOf = (runs: Runs): Row["hazards"] => ({
  call: runs.reduce((sum, { hazards }) => sum + hazards.call, 0),
  data: runs.reduce((sum, { hazards }) => sum + hazards.data, 0),
});

/** In how many runs each was broken, the most frequent first. */
const brokenIn = (runs: Runs, of: (run: Summary) => readonly string[]): Row["broken"] => {
  const runsOf = new Map<string, number>();
  for (const run of runs) for (const monitor of new Set(of(run))) runsOf.set(monitor, (runsOf.get(monitor) ?? 0) + 1);
  return [...runsOf].map(([monitor, count]) => ({ monitor, runs: count })).toSorted((a, b) => b.runs - a.runs);
};

export const brokenOf = (runs: Runs): Row["broken"] => brokenIn(runs, ({ broken }) => broken);

/** Of the runs that did not commit, if there are any: there somebody did more than delay it. */
const blameOf = (runs: Runs): Row["blame"] => {
  const uncommitted = runs.filter(({ outcome }) => outcome !== "committed");
  let worst: Row["blame"] = null;
  for (const { seed, blame } of uncommitted.length > 0 ? uncommitted : runs) {
    for (const { epoch: _, ...culprit } of blame) if (worst === null || culprit.heldUs > worst.heldUs) worst = { seed, ...culprit };
  }
  return worst;
};

export const isCommitted = ({ outcome, operations }: Summary): boolean =>
  outcome === "committed" && operations.committed === operations.asked;

/** Of all runs together. */
const callsOf = (runs: Runs): Pick<Row, "calls"> => {
  const all = runs.flatMap(({ calls }) => calls ?? []);
  const sum = (part: "planned" | "ended"): number => all.reduce((total, calls) => total + calls[part], 0);
  const [first] = all;
  if (first === undefined) return {};
  const [planned, ended] = [sum("planned"), sum("ended")];
  const { plannedPerSecond } = first;
  return { calls: { planned, ended, perSecond: (ended * plannedPerSecond) / planned, plannedPerSecond } };
};

export const foldRuns = (runs: Runs): Folded => {
  const { model } = firstOf(runs);
  const committed = runs.filter(isCommitted).length;
  return {
    model: model.name,
    leave: model.leave,
    switch: model.switch,
    runs: runs.length,
    committed,
    committedShare: wilson(committed, runs.length),
    verdicts: verdictsOf(runs),
    attempts: counted(runs, "attempts", ({ attempts }) => attempts),
    timings: timingsOf(runs),
    ipis: counted(runs, "ipis", ({ ipis }) => ipis.sent),
    ...callsOf(runs),
    hazards: hazardsOf(runs),
    forced: runs.reduce((sum, { forced }) => sum + forced, 0),
    violated: brokenIn(runs, ({ violations }) => violations.map(({ monitor }) => monitor)),
    broken: brokenOf(runs),
    reasons: runs
      .filter(({ reasons }) => reasons.length > 0)
      .slice(0, reasonsTold)
      .map(({ seed, reasons }) => ({ seed, text: reasons.join("; ") })),
    blame: blameOf(runs),
  };
};

/** The noise of one seed is the same for both: what differs is the model. */
const against = (runs: Runs, base: Runs): Row["against"] => {
  const difference = (name: string, measure: Measure): Estimate | null =>
    pairedDifference(bySeed(runs, measure), bySeed(base, measure), name);
  return { model: firstOf(base).model.name, timings: timed(runs, difference), ipis: difference("ipis", ({ ipis }) => ipis.sent) };
};

const patchShown = (patch: Patch): Compare["patch"] => ({ id: patch.id, kind: patch.kind, functions: functionsOf(patch) });

/** `runsOfModels`: in the order of the models; a model without runs, because of an interrupt, has no row. */
export const compareOf = (shared: Shared, patch: Patch, runsOfModels: readonly Runs[]): Compare => {
  const [base, ...others] = runsOfModels.filter((runs) => runs.length > 0);
  const rows =
    base === undefined
      ? []
      : [{ ...foldRuns(base), against: null }, ...others.map((runs) => ({ ...foldRuns(runs), against: against(runs, base) }))];
  return { schema: "quiesce.compare/1", ...shared, patch: patchShown(patch), rows };
};
