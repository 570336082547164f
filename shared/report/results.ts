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

/** CSV with a header line. What did not happen has no row. */
export const resultsCsv = (summary: Summary): string => {
  const { run, engine, model, cpus, hosts, seed, verdict } = summary;
  const rows = metricsOf(summary).flatMap(([metric, value]) =>
    value === null ? [] : [[run, engine, model.name, cpus, hosts, seed, verdict, metric, value].map(cell).join(",")],
  );
  return `${[columns.join(","), ...rows].join("\n")}\n`;
};
