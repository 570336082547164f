// The runs of a sweep folded into cells, each with medians and intervals, and cells into curves, each with its law of growth.

import { isTight, type Policy, relativeHalfWidth } from "../scale/policy.ts";
import { type HostName, hostNames, type MeasureName, measureNames, type RunRecord } from "../scale/record.ts";
import { estimate } from "../stats/estimate.ts";
import { fitLaws } from "../stats/laws/fitLaws.ts";
import type { Scale, ScaleCell, ScaleCurve } from "./scaleSummary.ts";

/** A cell of the sweep, and its runs in the order of their seeds. */
export interface CellRuns {
  readonly key: string;
  readonly point: Readonly<Record<string, string>>;
  readonly cpus: number;
  readonly runs: readonly RunRecord[];
  /** True if no more are wanted. */
  readonly closed: boolean;
}

export type Name = MeasureName | HostName;

export const numberOf = ({ measures, host }: RunRecord, name: Name): number | null =>
  name in measures ? measures[name as MeasureName] : host[name as HostName];

const measured = (runs: readonly RunRecord[], name: Name, key: string): ScaleCell["measures"][string] => {
  const values = runs.flatMap((run) => numberOf(run, name) ?? []);
  return values.length === 0 ? null : estimate(values, `${key} ${name}`);
};

const cellOf = ({ key, point, cpus, runs, closed }: CellRuns, policy: Policy): ScaleCell => {
  const names: readonly Name[] = [...measureNames, ...hostNames];
  const measures = Object.fromEntries(names.map((name) => [name, measured(runs, name, key)]));
  const verdicts = { valid: 0, violated: 0, unknown: 0 };
  for (const { verdict } of runs) verdicts[verdict]++;
  const completion = measures.completion_ns ?? null;
  const tight = isTight(
    policy,
    runs.map((run) => run.measures.completion_ns),
  );
  return {
    key,
    point,
    cpus,
    runs: runs.length,
    committed: runs.filter(({ outcome }) => outcome === "committed").length,
    verdicts,
    halfWidth: completion === null ? null : relativeHalfWidth(completion),
    stopped: !closed ? "not done" : tight ? "tight" : "enough",
    measures,
  };
};

/** How each of these grows is asked of every sweep: of the model first, then of the harness. */
const grown: ReadonlyArray<{ readonly measure: Name; readonly unit: string; readonly one: number }> = [
  { measure: "completion_ns", unit: "us", one: 1e3 },
  { measure: "held_max_ns", unit: "us", one: 1e3 },
  { measure: "packets", unit: "", one: 1 },
  { measure: "host_cpu_s", unit: "ms", one: 1e-3 },
  { measure: "host_peak_rss_bytes", unit: "MB", one: 1e6 },
];

const curveOf = (
  point: ScaleCurve["point"],
  cells: readonly ScaleCell[],
  { measure, unit, one }: (typeof grown)[number],
): ScaleCurve | null => {
  const points = cells.flatMap(({ cpus, measures }) => {
    const found = measures[measure] ?? null;
    if (found === null) return [];
    const { median, low, high, n } = found;
    return [{ x: cpus, y: median / one, low: low === null ? null : low / one, high: high === null ? null : high / one, n }];
  });
  // What did not happen or was not measured has no curve.
  if (points.length < 2 || points.every(({ y }) => y === 0)) return null;
  const { chosen, alike, sentence } = fitLaws(points, `${JSON.stringify(point)} ${measure}`, { of: "CPUs", unit });
  const law =
    chosen === null
      ? null
      : {
          law: chosen.law.name,
          formula: chosen.law.formula,
          parameters: chosen.parameters,
          r2: chosen.r2,
          relativeError: chosen.relativeError,
        };
  return { point, measure, sentence, chosen: law, alike };
};

const curvesOf = (cells: readonly ScaleCell[]): readonly ScaleCurve[] => {
  const groups = Map.groupBy(cells, ({ point: { cpus: _, ...others } }) => JSON.stringify(others));
  return [...groups].flatMap(([others, group]) => grown.flatMap((each) => curveOf(JSON.parse(others), group, each) ?? []));
};

export interface Swept extends Pick<Scale, "run" | "engine" | "code" | "axes" | "complete" | "floorUs" | "resources"> {
  readonly firstSeed: number;
  readonly policy: Policy;
}

export const scaleDocument = (cellRuns: readonly CellRuns[], { firstSeed, policy, ...swept }: Swept): Scale => {
  const cells = cellRuns.map((cell) => cellOf(cell, policy));
  return {
    schema: "quiesce.scale/1",
    ...swept,
    seeds: { first: firstSeed, least: policy.least, most: policy.most },
    untilCi: policy.untilCi,
    runs: cells.reduce((sum, { runs }) => sum + runs, 0),
    cells,
    curves: curvesOf(cells),
  };
};
