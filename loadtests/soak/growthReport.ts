// What a long run needed as it went on, as a table: a row for each process, and whether anything grows.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type GrowthOutcome, type GrowthSoak, growthSoak, type Quantity, type Track } from "./growth.ts";
import { grows, type Trend, trendOf } from "./trend.ts";

const resultsFile = fileURLToPath(new URL("growth.csv", import.meta.url));

interface Row {
  readonly track: Track;
  /** Null of what was there for too short a time to tell. */
  readonly trend: Trend | null;
  readonly grew: boolean;
}

const titles: Readonly<Record<Quantity, string>> = {
  rssMb: "memory, MB",
  files: "open files",
  heapMb: "live heap, MB",
  diskMb: "disk, MB",
};

const rowOf = (track: Track): Row => {
  const trend = track.during ? trendOf(track.samples) : null;
  return { track, trend, grew: trend !== null && grows(trend, track.quantity === "files" ? "files" : "megabytes") };
};

const columns = ["WHAT", "OF", "SAMPLES", "FIRST", "LAST", "MOST", "PER 1000 PATCHES", "VERDICT"] as const;

const cellsOf = ({ track, trend, grew }: Row, patchesPerSecond: number): readonly string[] => {
  const { name, quantity, samples } = track;
  const fixed = (value: number): string => value.toFixed(quantity === "files" ? 0 : 1);
  const head = [titles[quantity], name, `${samples.length}`];
  const most = samples.reduce((top, { value }) => Math.max(top, value), 0);
  if (trend === null) return [...head, "-", "-", fixed(most), "-", track.during ? "too short to tell" : "after the run"];
  const slope = (1000 * trend.perSecond) / patchesPerSecond;
  return [...head, fixed(trend.first), fixed(trend.last), fixed(most), slope.toFixed(2), grew ? "GROWS" : "steady"];
};

const widthsOf = (table: ReadonlyArray<readonly string[]>): readonly number[] =>
  columns.map((_, i) => Math.max(...table.map((cells) => (cells[i] as string).length)));

const printed = (table: ReadonlyArray<readonly string[]>): string => {
  const widths = widthsOf(table);
  const isText = (i: number): boolean => i < 2 || i === columns.length - 1;
  return table
    .map(
      (cells) =>
        `  ${cells.map((cell, i) => (isText(i) ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join("  ")}`,
    )
    .map((line) => line.trimEnd())
    .join("\n");
};

const problemsOf = ({ document, left }: GrowthOutcome, soak: GrowthSoak, rows: readonly Row[]): readonly string[] => {
  const [cell] = document?.cells ?? [];
  if (cell === undefined) return ["no result"];
  return [
    ...rows.filter(({ grew }) => grew).map(({ track: { name, quantity } }) => `${titles[quantity]} of ${name}: grows`),
    ...(cell.verdict === "valid" ? [] : [`${cell.verdict}: ${cell.reasons.join("; ")}`]),
    ...(cell.patched < 1 ? [`${Math.round(cell.patched * soak.patches)} of ${soak.patches} patches`] : []),
    ...left.map((what) => `left behind: ${what}`),
  ];
};

/** Gives the exit code: 1 if anything grew, was left behind, or the run is not valid. */
export const watchGrowth = async (soak: GrowthSoak, record: boolean): Promise<number> => {
  const outcome = await growthSoak(soak);
  const { document, complaints, seconds, tracks } = outcome;
  if (complaints !== "") console.log(complaints);
  const rows = tracks.map(rowOf);
  const [cell] = document?.cells ?? [];
  const driving = tracks.find(({ name }) => name === "driver")?.samples ?? [];
  const drivenSeconds = (driving.at(-1)?.seconds ?? 0) - (driving[0]?.seconds ?? 0);
  const table = [columns, ...rows.map((row) => cellsOf(row, soak.patches / drivenSeconds))];
  console.log(printed(table));
  if (cell !== undefined && document !== null) {
    const { arrived, answered, queued, inService, lost } = cell.balance;
    console.log(
      `  ${Math.round(cell.patched * soak.patches)} patches of ${soak.model} on ${soak.cpus} CPUs in ${drivenSeconds.toFixed(0)} s, ${seconds.toFixed(0)} s with what is measured afterwards; ` +
        `${arrived} requests arrived, ${answered} answered, ${queued} waiting, ${inService} in service, ${lost} lost; runs/${document.run}`,
    );
  }
  if (record) writeFileSync(resultsFile, `${table.map((cells) => cells.map((text) => text.replaceAll(",", "")).join(",")).join("\n")}\n`);
  const problems = problemsOf(outcome, soak, rows);
  for (const problem of problems) console.log(`  ${problem}`);
  console.log(problems.length === 0 ? "  ✓ nothing grows" : "  ✗ the soak failed");
  return problems.length === 0 ? 0 : 1;
};
