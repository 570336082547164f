// What a person reads of a sweep: its plan before it begins, and at its end a row for each cell and a law for each curve.
import type { Axis } from "../scale/cells.ts";
import type { Policy } from "../scale/policy.ts";
import { type Column, type Page, paint, table } from "./compareTable.ts";
import { footLines, label, timeCell } from "./compareText.ts";
import { counted } from "./counted.ts";
import type { Scale, ScaleCell } from "./scaleSummary.ts";

export interface ScaleTextOptions extends Page {
  readonly folder: string;
  readonly repro: string;
}

export interface ScalePlan {
  readonly axes: readonly Axis[];
  readonly cells: number;
  readonly policy: Policy;
  readonly firstSeed: number;
  /** Runs that a former process has made. */
  readonly made: number;
  /** Of the runs that every cell has, by what runs usually need; of one after the other. */
  readonly seconds: number;
  /** Of the largest run. */
  readonly bytes: number;
  readonly memoryBytes: number;
  /** Where they are made, in words. */
  readonly where: string;
}

/** In the units in which memory is asked for. */
const memoryText = (bytes: number): string =>
  bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MB` : `${Number((bytes / 2 ** 30).toFixed(1))} GB`;

const secondsText = (seconds: number): string =>
  seconds < 100
    ? `${Number(seconds.toPrecision(2))} s`
    : seconds < 6_000
      ? `${Math.round(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`;

const policyText = ({ least, most, untilCi }: Policy): string =>
  untilCi === null
    ? `${least} ${least === 1 ? "run" : "runs"} each`
    : `${least} to ${most} runs each, until the median of completion is known to ${100 * untilCi} %`;

export const planText = ({ axes, cells, policy, firstSeed, made, seconds, bytes, memoryBytes, where }: ScalePlan): string =>
  [
    ...axes.map(({ name, values }) => `${label("AXIS")}${name}: ${values.join(", ")}`),
    `${label("PLAN")}${cells} ${cells === 1 ? "cell" : "cells"}, ${policyText(policy)}, seeds from ${firstSeed} on, the same in every cell`,
    `${label("COST")}about ${secondsText(seconds)} of one processor, the largest run about ${memoryText(bytes)}; ${where}, ${memoryText(memoryBytes)} for all at once`,
    ...(made === 0 ? [] : [`${label("RESUMED")}${made} ${made === 1 ? "run is" : "runs are"} done already`]),
    "",
  ].join("\n");

const none = "-";

type Measured = ScaleCell["measures"][string] | undefined;

const medianText = (found: Measured, shown: (value: number) => string): string => (found ? shown(found.median) : none);

const nsText = (ns: number): string => timeCell(ns / 1e3);

const countText = (count: number): string => String(Number(count.toFixed(1)));

const widthText = ({ halfWidth }: ScaleCell): string => {
  if (halfWidth === null) return none;
  return halfWidth > 0 && halfWidth < 1e-4 ? "<0.01 %" : `±${Number((100 * halfWidth).toPrecision(2))} %`;
};

const doneText = ({ runs, committed }: ScaleCell): string => (committed === runs ? `${runs}` : `${committed} of ${runs}`);

const column = (title: string, measure: string, shown: (value: number) => string): Column<ScaleCell> => ({
  title,
  cell: ({ measures }) => medianText(measures[measure], shown),
});

const columnsOf = ({ axes }: Scale): ReadonlyArray<Column<ScaleCell>> => [
  ...axes
    .filter(({ name, values }) => values.length > 1 || name === "cpus")
    .map(({ name }): Column<ScaleCell> => ({ title: name.toUpperCase(), cell: ({ point }) => point[name] ?? none })),
  { title: "DONE", cell: doneText },
  column("COMPLETION", "completion_ns", nsText),
  { title: "95 %", cell: widthText },
  column("HELD MAX", "held_max_ns", nsText),
  column("PACKETS", "packets", countText),
  column("RESENT", "resent", countText),
  // Where calls were asked for.
  ...(axes.some(({ name }) => name === "calls")
    ? [column("CALLS/s", "calls_per_second", countText), column("EXPECTED", "calls_planned_per_second", countText)]
    : []),
  column("| HOST CPU", "host_cpu_s", (seconds) => timeCell(seconds * 1e6)),
  column("WALL", "host_wall_s", (seconds) => timeCell(seconds * 1e6)),
  column("MEMORY", "host_peak_rss_bytes", memoryText),
];

const pointText = (point: Readonly<Record<string, string>>, { axes }: Scale): string =>
  axes
    .filter(({ name, values }) => name !== "cpus" && (values.length > 1 || name === "model"))
    .map(({ name }) => point[name])
    .join(" ");

const names: Readonly<Record<string, string>> = {
  completion_ns: "completion",
  held_max_ns: "held max",
  packets: "packets",
  host_cpu_s: "host cpu",
  host_peak_rss_bytes: "host memory",
};

const rounded = (value: number): string => String(Number(value.toPrecision(3)));

const lawLines = (scale: Scale): readonly string[] => {
  const sentences = new Set(scale.curves.map(({ sentence }) => sentence));
  // Too few sizes are too few for every curve.
  if (sentences.size === 1 && scale.curves.every(({ chosen }) => chosen === null)) return [`${label("LAW")}${[...sentences][0]}`];
  const heads = scale.curves.map(({ point, measure }) => `${pointText(point, scale)}  ${names[measure] ?? measure}`);
  const width = Math.max(0, ...heads.map(({ length }) => length));
  return scale.curves.flatMap(({ chosen, sentence }, i) => {
    const intervals = (chosen?.parameters ?? [])
      .filter(({ low, high }) => low !== null && high !== null)
      .map(({ name, low, high }) => `${name} ${rounded(low as number)} to ${rounded(high as number)}`);
    const known = intervals.length === 0 ? "" : `; 95 %: ${intervals.join(", ")}`;
    return [`${label("LAW")}${(heads[i] as string).padEnd(width)}  ${sentence}${known}`];
  });
};

const brokenLine = ({ cells }: Scale, page: Page): string => {
  const guilty = cells.filter(({ verdicts }) => verdicts.violated > 0);
  if (guilty.length === 0) return `  ${paint({ text: "✓ KEPT", colour: "green" }, page)}     no run broke a promise of its model`;
  const who = guilty.map(({ key, verdicts, runs }) => `${key} in ${verdicts.violated} of ${runs}`).join("; ");
  return `  ${paint({ text: "✗ VIOLATED", colour: "red" }, page)} ${who}`;
};

export const scaleText = (scale: Scale, options: ScaleTextOptions): string => {
  const { engine, cells, runs, complete, resources } = scale;
  const head = [
    paint({ text: "quiesce scale", colour: "bold" }, options),
    engine === "live" ? "engine live" : "engine virtual (deterministic)",
    counted(cells.length, "cell"),
    counted(runs, "run"),
    `${timeCell(resources.wallMs * 1000)}`,
    `${memoryText(resources.maxRssBytes)} at most`,
  ];
  const untold = cells.filter(({ stopped }) => stopped === "enough").length;
  const lines = [
    `  ${head.join("   ")}`,
    brokenLine(scale, options),
    ...(complete ? [] : [`${label("STOPPED")}interrupted: the same command goes on`]),
    ...(scale.untilCi === null || untold === 0
      ? []
      : [`${label("WIDE")}${untold} of ${cells.length} cells were not tight after ${scale.seeds.most} runs`]),
    "",
    ...table(
      columnsOf(scale),
      cells.filter((cell) => cell.runs > 0),
      options,
    ),
    "",
    ...lawLines(scale),
    ...(scale.floorUs === null
      ? []
      : [`${label("FLOOR")}one round costs the network alone ${timeCell(scale.floorUs)}: two pings of its server`]),
    ...footLines(options),
  ];
  return `${lines.join("\n")}\n`;
};
