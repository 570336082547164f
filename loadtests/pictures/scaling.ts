// The recorded sweep drawn again from its table of runs.

import { type CellRuns, scaleDocument } from "../../shared/report/scaleDocument.ts";
import { scaleFigures } from "../../shared/report/scaleFigure.ts";
import { hostNames, measureNames, type RunRecord } from "../../shared/scale/record.ts";

type Row = Readonly<Record<string, string>>;

const rowsOf = (text: string): readonly Row[] => {
  const [head = [], ...rows] = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(head.map((name, column) => [name, row[column] ?? ""])));
};

const others: ReadonlySet<string> = new Set(["engine", "seed", "verdict", "outcome", "by", ...measureNames, ...hostNames]);

const axesOf = (rows: readonly Row[]): readonly string[] => Object.keys(rows[0] ?? {}).filter((name) => !others.has(name));

const numberOf = (text: string | undefined): number | null => (text === undefined || text === "" ? null : Number(text));

const recordOf = (row: Row, cell: string): RunRecord => ({
  cell,
  seed: Number(row.seed),
  verdict: row.verdict as RunRecord["verdict"],
  outcome: row.outcome as RunRecord["outcome"],
  measures: Object.fromEntries(measureNames.map((name) => [name, numberOf(row[name])])) as RunRecord["measures"],
  host: Object.fromEntries(hostNames.map((name) => [name, numberOf(row[name])])) as RunRecord["host"],
  by: row.by ?? "",
});

const cellsOf = (rows: readonly Row[], axes: readonly string[]): readonly CellRuns[] => {
  const keyOf = (row: Row): string => axes.map((axis) => `${axis}=${row[axis]}`).join(" ");
  return [...Map.groupBy(rows, keyOf)].map(([key, runs]) => ({
    key,
    point: Object.fromEntries(axes.map((axis) => [axis, runs[0]?.[axis] ?? ""])),
    cpus: Number(runs[0]?.cpus),
    runs: runs.map((row) => recordOf(row, key)),
    closed: true,
  }));
};

export const scalingFigure = (csv: string): string => {
  const rows = rowsOf(csv);
  const axes = axesOf(rows);
  const cells = cellsOf(rows, axes);
  const seeds = rows.map(({ seed }) => Number(seed));
  const document = scaleDocument(cells, {
    run: "",
    engine: "virtual",
    code: "",
    axes: axes.map((name) => ({ name, values: [...new Set(rows.map((row) => row[name] ?? ""))] })),
    firstSeed: Math.min(...seeds),
    policy: { least: 1, most: Math.max(...cells.map(({ runs }) => runs.length)), untilCi: null },
    complete: true,
    floorUs: null,
    resources: { wallMs: 0, runsNow: 0, maxRssBytes: 0 },
  });
  const found = scaleFigures(document, cells).find(([file]) => file === "completion.svg");
  if (found === undefined) throw new Error("the recorded sweep has no completion");
  return found[1];
};
