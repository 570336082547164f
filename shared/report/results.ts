// A summary as a tidy table: one row for each number, so that any tool can put runs side by side.
import type { Summary } from "./summary.ts";

const columns = ["run", "engine", "model", "cpus", "hosts", "seed", "verdict", "metric", "value"] as const;

const cell = (value: string | number): string => {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const metricsOf = (summary: Summary): ReadonlyArray<readonly [string, number | null]> => [
  ...Object.entries(summary.timings),
  ...Object.entries(summary.ipis).map(([name, count]) => [`ipis.${name}`, count] as const),
  ...Object.entries(summary.hazards).map(([name, count]) => [`hazards.${name}`, count] as const),
  ...Object.entries(summary.resources),
  ["tasks", summary.tasks],
  ["attempts", summary.attempts],
  ["violations", summary.violations.length],
  ["interrupted", summary.interrupted],
  ...Object.entries(summary.operations).map(([name, count]) => [`operations.${name}`, count] as const),
  ["version", summary.version],
  ["ignored", summary.ignored],
  ...Object.entries(summary.wire ?? {}).map(([name, count]) => [`wire.${name}`, count] as const),
];

const csv = (header: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  `${[header, ...rows].map((row) => row.map(cell).join(",")).join("\n")}\n`;

/** What did not happen has no row. */
const rowsOf = (summary: Summary): ReadonlyArray<ReadonlyArray<string | number>> => {
  const { run, engine, model, cpus, hosts, seed, verdict } = summary;
  return metricsOf(summary).flatMap(([metric, value]) =>
    value === null ? [] : [[run, engine, model.name, cpus, hosts, seed, verdict, metric, value]],
  );
};

/** CSV with a header line. */
export const resultsCsv = (...summaries: readonly Summary[]): string => csv(columns, summaries.flatMap(rowsOf));

/** The same for runs of several patches, with the patch in front. */
export const patchResultsCsv = (
  groups: ReadonlyArray<{ readonly patch: { readonly id: string }; readonly runs: readonly Summary[] }>,
): string =>
  csv(
    ["patch", ...columns],
    groups.flatMap(({ patch, runs }) => runs.flatMap((run) => rowsOf(run).map((row) => [patch.id, ...row]))),
  );
