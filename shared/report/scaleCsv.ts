// A sweep as tidy tables: a row for each run, and a row for each measure of each cell.
import { hostNames, measureNames, type RunRecord } from "../scale/record.ts";
import { csv } from "./results.ts";
import type { CellRuns } from "./scaleDocument.ts";
import type { Scale } from "./scaleSummary.ts";

/** What did not happen is an empty field. */
const field = (value: string | number | null): string | number => value ?? "";

/** `axes`: their names, in the order of the columns. */
export const runsCsv = (engine: string, axes: readonly string[], cells: readonly CellRuns[]): string => {
  const rowOf = ({ point }: CellRuns, { seed, verdict, outcome, measures, host, by }: RunRecord) => [
    engine,
    ...axes.map((name) => point[name] as string),
    seed,
    verdict,
    outcome,
    ...measureNames.map((name) => field(measures[name])),
    ...hostNames.map((name) => field(host[name])),
    by,
  ];
  return csv(
    ["engine", ...axes, "seed", "verdict", "outcome", ...measureNames, ...hostNames, "by"],
    cells.flatMap((cell) => cell.runs.map((run) => rowOf(cell, run))),
  );
};

export const cellsCsv = ({ engine, axes, cells }: Scale): string =>
  csv(
    ["engine", ...axes.map(({ name }) => name), "runs", "committed", "stopped", "measure", "median", "low", "high", "n"],
    cells.flatMap(({ point, runs, committed, stopped, measures }) =>
      Object.entries(measures).flatMap(([measure, found]) =>
        found === null
          ? []
          : [
              [
                engine,
                ...axes.map(({ name }) => point[name] as string),
                runs,
                committed,
                stopped,
                measure,
                found.median,
                field(found.low),
                field(found.high),
                found.n,
              ],
            ],
      ),
    ),
  );
