// A sweep as figures: how the model's time grows with the machine, beside what it costs the harness to simulate or carry it.
import { type CurveShown, type GrowthShown, growthFigure } from "../figure/growth.ts";
import { plural, timeText, typeset } from "../figure/numbers.ts";
import { laws } from "../stats/laws/registry.ts";
import { engineText } from "./html/words.ts";
import { type CellRuns, type Name, numberOf } from "./scaleDocument.ts";
import type { Scale, ScaleCell, ScaleCurve } from "./scaleSummary.ts";

interface Drawn {
  readonly measure: Name;
  readonly title: string;
  readonly yLabel: string;
  /** What one of the units of the axis is of the measure's. */
  readonly one: number;
  /** And how many nanoseconds it is. */
  readonly ns: number;
}

/** By file. Units are those in which the sweep's laws are told. */
const figures: Readonly<Record<string, Drawn>> = {
  "completion.svg": {
    measure: "completion_ns",
    title: "Time until every CPU runs the new version",
    yLabel: "time on the engine's clock",
    one: 1e3,
    ns: 1e3,
  },
  "held.svg": {
    measure: "held_max_ns",
    title: "Longest time that a CPU was held",
    yLabel: "time on the engine's clock",
    one: 1e3,
    ns: 1e3,
  },
  "harness.svg": { measure: "host_cpu_s", title: "What a run costs the harness", yLabel: "CPU time", one: 1e-3, ns: 1e6 },
};

const labelOf = (point: ScaleCurve["point"], varied: ReadonlySet<string>): string =>
  Object.entries(point)
    .filter(([name]) => varied.has(name))
    .map(([, value]) => value)
    .join(" ");

const isOf = ({ point }: Pick<ScaleCell, "point">, curve: ScaleCurve): boolean =>
  Object.entries(curve.point).every(([name, value]) => point[name] === value);

const lawOf = ({ chosen, sentence }: ScaleCurve): CurveShown["law"] => {
  if (chosen === null) return null;
  const law = laws.find(({ name }) => name === chosen.law);
  if (law === undefined) throw new Error(`no law is called ${chosen.law}`);
  const values = chosen.parameters.map(({ value }) => value);
  return { sentence: typeset(sentence), valueAt: (x) => law.valueAt(x, values) };
};

const curveShown = (
  curve: ScaleCurve,
  label: string,
  cells: readonly ScaleCell[],
  runs: readonly CellRuns[],
  { measure, one }: Drawn,
): CurveShown => {
  const sizes = cells
    .filter((cell) => isOf(cell, curve))
    .flatMap(({ cpus, key, measures }) => {
      const found = measures[measure] ?? null;
      if (found === null) return [];
      const each = runs.find((cell) => cell.key === key)?.runs.flatMap((run) => numberOf(run, measure) ?? []) ?? [];
      const scaled = (value: number | null): number | null => (value === null ? null : value / one);
      return [
        { x: cpus, median: found.median / one, low: scaled(found.low), high: scaled(found.high), runs: each.map((value) => value / one) },
      ];
    });
  return { label, model: curve.point.model ?? null, sizes, law: lawOf(curve) };
};

/** Drawn where the axis is that of the clock on the wall. */
const floorOf = ({ floorUs, cells }: Scale, { measure, one }: Drawn): GrowthShown["floor"] => {
  if (floorUs === null || measure === "host_cpu_s") return null;
  return { label: "floor of one round", sizes: cells.map(({ cpus }) => ({ x: cpus, y: (floorUs * 1e3) / one })) };
};

const shownOf = (document: Scale, runs: readonly CellRuns[], drawn: Drawn): GrowthShown | null => {
  const { engine, axes, seeds, cells, curves, runs: made } = document;
  const varied = new Set(axes.filter(({ name, values }) => name !== "cpus" && values.length > 1).map(({ name }) => name));
  const fixed = axes.filter(({ name, values }) => name !== "cpus" && values.length === 1).map(({ values }) => values[0]);
  const shown = curves
    .filter(({ measure }) => measure === drawn.measure)
    .map((curve) => curveShown(curve, labelOf(curve.point, varied) || (fixed[0] ?? "all"), cells, runs, drawn));
  if (shown.length === 0) return null;
  const title = fixed.length === 0 ? drawn.title : `${drawn.title}: ${fixed.join(", ")}`;
  return {
    title,
    subtitle: `${engineText(engine)}, ${plural(made, "run")}, seeds from ${seeds.first}; medians with their 95 % intervals, dots are runs, dashes the law`,
    xLabel: "CPUs",
    yLabel: drawn.yLabel,
    yText: (value) => timeText(value * drawn.ns),
    curves: shown,
    floor: floorOf(document, drawn),
  };
};

/** File names with their texts; only of measures that have a curve. */
export const scaleFigures = (document: Scale, runs: readonly CellRuns[]): ReadonlyArray<readonly [file: string, svg: string]> =>
  Object.entries(figures).flatMap(([file, drawn]) => {
    const shown = shownOf(document, runs, drawn);
    return shown === null ? [] : [[file, growthFigure(shown)] as const];
  });
