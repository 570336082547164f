// The runs of a sweep, read back from its folder, by cell.
import { join } from "node:path";
import type { CellRuns } from "../../../shared/report/scaleDocument.ts";
import type { Scale } from "../../../shared/report/scaleSummary.ts";
import { readRecords } from "../../../shared/scale/record.ts";
import { type Found, textIn } from "./folder.ts";

/** A folder that lost its runs still has its medians. */
export const cellRunsIn = ({ path }: Found, { cells }: Scale): readonly CellRuns[] => {
  const name = "runs.ndjson";
  const records = Map.groupBy(readRecords(join(path, name), textIn(path, name) ?? ""), ({ cell }) => cell);
  return cells.map(({ key, point, cpus, stopped }) => ({ key, point, cpus, runs: records.get(key) ?? [], closed: stopped !== "not done" }));
};
