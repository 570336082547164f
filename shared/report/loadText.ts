// What a person reads of a load study: a row for each model and rate, why requests were slow, which thresholds were crossed.
import { causeHelp } from "../load/causes.ts";
import { type LoadPhase, phases } from "../load/latency.ts";
import { printRate } from "../load/rate.ts";
import { type Column, type Page, paint, table } from "./compareTable.ts";
import { footLines, label, timeCell } from "./compareText.ts";
import { counted } from "./counted.ts";
import type { Load, LoadCell, LoadLimit } from "./loadSummary.ts";

export interface LoadTextOptions extends Page {
  readonly repro: string;
  readonly folder: string;
}

const none = "-";

const timeOf = (us: number | null): string => (us === null ? none : timeCell(us));

const spread = (title: string, phase: "before" | "during" | "after", statistic: "p50" | "p99" | "max"): Column<LoadCell> => ({
  title,
  cell: ({ latencyUs }) => {
    const found = latencyUs[phase];
    return timeOf(found === null ? null : found[statistic]);
  },
});

const shareText = (share: number | null): string => (share === null ? none : `${Number((100 * share).toPrecision(3))} %`);

/** A dip that is no deeper than chance makes them is none. */
const dipText = ({ depth, noise }: LoadCell["dip"]): string => (depth !== null && depth > (noise ?? 0) ? shareText(depth) : none);

const columns: ReadonlyArray<Column<LoadCell>> = [
  { title: "MODEL", cell: ({ model }) => model },
  { title: "RATE", cell: ({ perSecond }) => printRate(perSecond) },
  { title: "SERVED", cell: ({ achieved }) => shareText(achieved) },
  { title: "PATCHED", cell: ({ patched }) => shareText(patched) },
  spread("BEFORE p50", "before", "p50"),
  spread("p99", "before", "p99"),
  { title: "DURING n", cell: ({ latencyUs }) => String(latencyUs.during?.n ?? 0) },
  spread("p50", "during", "p50"),
  spread("p99", "during", "p99"),
  spread("max", "during", "max"),
  spread("AFTER p99", "after", "p99"),
  { title: "DIP", cell: ({ dip }) => dipText(dip) },
  { title: "AREA", cell: ({ dip }) => (dip.area === null ? none : String(Number(dip.area.toPrecision(3)))) },
  { title: "RECOVERY", cell: ({ dip }) => (dip.recoveryUs === null ? none : timeCell(dip.recoveryUs)) },
  { title: "VERDICT", cell: ({ verdict }) => verdict },
];

const balanceText = (cells: readonly LoadCell[]): string => {
  const sum = (part: "arrived" | "answered" | "queued" | "inService" | "lost"): string =>
    cells.reduce((total, { balance }) => total + balance[part], 0).toLocaleString("en-US");
  return `${sum("arrived")} requests arrived: ${sum("answered")} answered, ${sum("queued")} waiting, ${sum("inService")} in service, ${sum("lost")} lost with a CPU`;
};

const balanceLines = ({ cells }: Load, page: Page): readonly string[] => {
  const problems = cells.flatMap(({ name, balance }) => balance.problems.map((problem) => `${name}: ${problem}`));
  if (problems.length === 0) return [`  ${paint({ text: "✓ BALANCE", colour: "green" }, page)}  ${balanceText(cells)}`];
  return problems.map((problem) => `  ${paint({ text: "✗ BALANCE", colour: "red" }, page)}  ${problem}`);
};

const thresholdLines = ({ cells }: Load, page: Page): readonly string[] =>
  cells.flatMap(({ name, thresholds }) =>
    thresholds
      .filter(({ holds }) => !holds)
      .map(
        ({ text, value }) =>
          `  ${paint({ text: "✗ CROSSED", colour: "red" }, page)}  ${text}: ${value === null ? "too little was measured" : value} (${name})`,
      ),
  );

/** Only what stands out during operations: before them slow is what one request in a thousand always is. */
const slowLines = ({ cells }: Load): readonly string[] =>
  cells.flatMap(({ name, slow, slowUs }) => {
    const during = slow.filter((one) => one.during > 0).toSorted((a, b) => b.during - a.during);
    if (during.length === 0 || slowUs === null) return [];
    const parts = during.map(({ cause, during: count }) => `${count} ${causeHelp[cause]}`);
    return [`${label("SLOW")}${name}, over ${timeCell(slowUs)} during operations: ${parts.join("; ")}`];
  });

const wireWords = {
  refused: "frames refused",
  unsent: "frames unsent",
  reconnects: "connections made again",
  slowConsumers: "cut off by the server for reading too slowly",
  serverRestarts: "restarts of the server",
  denied: "denied by the server",
} as const;

/** What did not go by itself between processes. */
const wireText = ({ wire }: LoadCell): string => {
  if (wire === null) return "";
  const words = Object.entries(wireWords) as ReadonlyArray<readonly [keyof typeof wireWords, string]>;
  return words.map(([part, what]) => ((wire[part] ?? 0) > 0 ? `; ${wire[part]} ${what}` : "")).join("");
};

const waitText = (spreads: LoadCell["callUs"], phase: LoadPhase): string => {
  const found = spreads[phase];
  return found === null ? "" : `; ${phase} p50 ${timeCell(found.p50)}, p99 ${timeOf(found.p99)}, max ${timeCell(found.max)}`;
};

/** Where calls were asked for. */
const callLines = ({ cells, callsPerSecond }: Load): readonly string[] =>
  callsPerSecond === null
    ? []
    : cells.map((cell) => {
        const { name, calls, called } = cell;
        const waits = phases.map((phase) => waitText(cell.callUs, phase)).join("");
        const resent = calls.resent > 0 ? `; ${calls.resent} sent again` : "";
        const rates = `${Math.round(calls.perSecond)} of ${printRate(calls.plannedPerSecond)} expected (${shareText(called)})`;
        return `${label("CALLS")}${name}: ${rates}${waits}${resent}`;
      });

const rescheduleLines = ({ cells, reschedulesPerSecond }: Load): readonly string[] =>
  reschedulesPerSecond === null
    ? []
    : cells.map(({ name, reschedules, rescheduled, rescheduleUs }) => {
        const waits = phases.map((phase) => waitText(rescheduleUs, phase)).join("");
        const lost = reschedules.lost > 0 ? `; ${reschedules.lost} never arrived` : "";
        const rates = `${Math.round(reschedules.perSecond)} of ${printRate(reschedules.plannedPerSecond)} (${shareText(rescheduled)})`;
        return `${label("RESCHED")}${name}: ${rates}${waits}${lost}`;
      });

const wireLines = ({ cells }: Load): readonly string[] =>
  cells.flatMap((cell) => {
    const text = wireText(cell);
    return text === "" ? [] : [`${label("WIRE")}${cell.name}: ${text.slice(2)}`];
  });

/** A machine of whose CPUs none had interrupts off was still interrupted. */
const cpuLines = ({ cells }: Load): readonly string[] =>
  cells.map(({ name, perCpu: { irqsOffUs, longestOffUs, disturbed, worst }, operationsMet }) => {
    const each = (value: number): string => (operationsMet === 0 ? none : (value / operationsMet).toFixed(1));
    const off =
      irqsOffUs.max === 0
        ? "interrupts never off"
        : `interrupts off p50 ${timeCell(irqsOffUs.p50)}, max ${timeCell(irqsOffUs.max)} of cpu ${worst[0]?.cpu}, at a stretch ${timeCell(longestOffUs.max)}`;
    return `${label("CPUS")}${name}: ${off}; disturbed ${each(disturbed.p50)} times an operation, at most ${each(disturbed.max)}`;
  });

const limitLines = (limits: readonly LoadLimit[]): readonly string[] =>
  limits.map(({ model, holds, fails }) => {
    if (holds === null) return `${label("LIMIT")}${model}: below ${printRate(fails ?? 0)}`;
    if (fails === null) return `${label("LIMIT")}${model}: not below ${printRate(holds)}, where the search ended`;
    return `${label("LIMIT")}${model}: ${printRate(holds)} holds, ${printRate(fails)} does not`;
  });

export const loadText = (load: Load, options: LoadTextOptions): string => {
  const { engine, cpus, workload, arrivals, patches, patchEveryUs, seed } = load;
  const how = engine === "virtual" ? "virtual (deterministic)" : engine;
  const head = `  quiesce load   ${how}   ${counted(cpus, "CPU")}, ${workload}   ${arrivals}   ${counted(patches, "operation")}, one every ${timeCell(patchEveryUs)}   seed ${seed}`;
  return [
    head,
    ...balanceLines(load, options),
    ...thresholdLines(load, options),
    ...(load.limits === null ? [] : limitLines(load.limits)),
    "",
    ...table(columns, load.cells, options),
    "",
    ...slowLines(load),
    ...cpuLines(load),
    ...callLines(load),
    ...rescheduleLines(load),
    ...wireLines(load),
    ...footLines(options),
    "",
  ].join("\n");
};

/** For `--quiet`: one line a cell. */
export const loadQuietText = ({ cells, limits }: Load): string =>
  [
    ...cells.map(({ name, verdict, thresholds }) => {
      const crossed = thresholds.filter(({ holds }) => !holds).map(({ text }) => text);
      return `${name}: ${[verdict, ...crossed.map((text) => `crossed ${text}`)].join("; ")}\n`;
    }),
    ...(limits ?? []).map(({ model, holds }) => `${model}: limit ${holds === null ? none : printRate(holds)}\n`),
  ].join("");

const csvColumns = ["run", "engine", "model", "perSecond", "cpus", "seed", "verdict", "metric", "value"] as const;

const metricsOf = (cell: LoadCell): ReadonlyArray<readonly [string, number | null]> => [
  ...(["latencyUs", "serviceUs", "callUs", "rescheduleUs"] as const).flatMap((metric) =>
    (["all", ...phases] as const).flatMap((phase) =>
      Object.entries(cell[metric][phase] ?? {}).map(([statistic, value]) => [`${metric}.${phase}.${statistic}`, value] as const),
    ),
  ),
  ["achieved", cell.achieved],
  ["called", cell.called],
  ["rescheduled", cell.rescheduled],
  ...Object.entries(cell.reschedules).map(([part, value]) => [`reschedules.${part}`, value] as const),
  ...Object.entries(cell.calls).map(([part, value]) => [`calls.${part}`, value] as const),
  ...Object.entries(cell.wire ?? {}).map(([part, value]) => [`wire.${part}`, value] as const),
  ["patched", cell.patched],
  ...Object.entries(cell.dip).map(([part, value]) => [`dip.${part}`, value] as const),
  ...(["arrived", "answered", "queued", "inService", "lost"] as const).map((part) => [`requests.${part}`, cell.balance[part]] as const),
  ...cell.slow.flatMap(({ cause, ...counts }) => phases.map((phase) => [`slow.${cause}.${phase}`, counts[phase]] as const)),
  ["slowUs", cell.slowUs],
  ["irqsOffUs", cell.irqsOffUs],
  ["asksPerOperation", cell.asksPerOperation],
  ...(["irqsOffUs", "longestOffUs", "disturbed"] as const).flatMap((part) =>
    Object.entries(cell.perCpu[part]).map(([statistic, value]) => [`perCpu.${part}.${statistic}`, value] as const),
  ),
  ...Object.entries(cell.resources),
];

/** One row for each number of each cell. */
export const loadCsv = ({ run, engine, cpus, seed, cells }: Load): string =>
  `${[
    csvColumns,
    ...cells.flatMap((cell) =>
      metricsOf(cell).flatMap(([metric, value]) =>
        value === null ? [] : [[run, engine, cell.model, cell.perSecond, cpus, seed, cell.verdict, metric, value]],
      ),
    ),
  ]
    .map((row) => row.join(","))
    .join("\n")}\n`;
