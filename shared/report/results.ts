// A summary as a tidy table: one row for each number, so that any tool can put runs side by side.
import type { Chaos, ChaosRow } from "./chaosSummary.ts";
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

/** Rows of text with a header line. */
export const csv = (header: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
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

const chaosMetrics = (row: ChaosRow): ReadonlyArray<readonly [string, number]> => {
  const spreads = { stopUs: row.stopUs, totalUs: row.totalUs, ipis: row.ipis };
  return [
    ["runs", row.runs],
    ...(["committed", "aborted", "open", "violated"] as const).flatMap((name) => [
      [name, row[name].hits] as const,
      [`${name}.low`, row[name].low] as const,
      [`${name}.high`, row[name].high] as const,
    ]),
    ["unsafe", row.unsafe],
    ["stuck", row.stuck],
    ...Object.entries(spreads).flatMap(([name, spread]) =>
      spread === null ? [] : (["p50", "p99", "max", "n"] as const).map((part) => [`${name}.${part}`, spread[part]] as const),
    ),
  ];
};

/** A chaos study: one row for each number of each model, and of each cell of a surface. */
export const chaosResultsCsv = ({ run, engine, cpus, rows, surface }: Chaos): string =>
  csv(
    ["run", "engine", "model", "cpus", "loss", "pauses", "metric", "value"],
    [
      ...rows.flatMap((row) => chaosMetrics(row).map(([metric, value]) => [run, engine, row.model, cpus, "", "", metric, value])),
      ...(surface ?? []).flatMap(({ lossPercent, pauses, committed, closedForm }) =>
        [...Object.entries(committed), ...(closedForm === null ? [] : [["closedForm", closedForm] as const])].map(([metric, value]) => [
          run,
          engine,
          rows[0]?.model ?? "",
          cpus,
          lossPercent,
          pauses,
          metric === "hits" ? "committed" : metric,
          value,
        ]),
      ),
    ],
  );

/** The same for runs of several patches, with the patch in front. */
export const patchResultsCsv = (
  groups: ReadonlyArray<{ readonly patch: { readonly id: string }; readonly runs: readonly Summary[] }>,
): string =>
  csv(
    ["patch", ...columns],
    groups.flatMap(({ patch, runs }) => runs.flatMap((run) => rowsOf(run).map((row) => [patch.id, ...row]))),
  );
