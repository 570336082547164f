// How a measure grows with the machine: a dot for each run, median and interval of each size, the law through them, the harness's floor.
import { areaY, dot, line, type Markish, ruleX, text } from "@observablehq/plot";
import { draw } from "./draw.ts";
import { countText } from "./numbers.ts";
import { colourOf, floorColour } from "./palette.ts";
import { type Note, sheetWidth } from "./sheet.ts";

/** One size of a curve: its median with its interval (null: too few runs to tell), and each run that it comes from. */
export interface SizeShown {
  readonly x: number;
  readonly median: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly runs: readonly number[];
}

export interface CurveShown {
  readonly label: string;
  /** The model that gives it its colour, if it has one. */
  readonly model: string | null;
  readonly sizes: readonly SizeShown[];
  /** The law that the curve follows; null if the points do not tell. */
  readonly law: { readonly sentence: string; readonly valueAt: (x: number) => number } | null;
}

export interface GrowthShown {
  readonly title: string;
  readonly subtitle: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** A value of the curves, as the axis writes it. */
  readonly yText: (value: number) => string;
  readonly curves: readonly CurveShown[];
  /** What the harness itself takes at each size, with no model in it; null where it was not measured. */
  readonly floor: { readonly label: string; readonly sizes: ReadonlyArray<{ readonly x: number; readonly y: number }> } | null;
}

/** Places along the axis at which a law is drawn. */
const steps = 64;

/** On logarithmic axes nothing at or below zero has a place. */
const shown = (value: number | null): value is number => value !== null && value > 0;

const along = (from: number, to: number): readonly number[] =>
  Array.from({ length: steps + 1 }, (_, step) => from * (to / from) ** (step / steps));

const lawPoints = ({ sizes, law }: CurveShown): ReadonlyArray<{ readonly x: number; readonly y: number }> => {
  const first = sizes[0]?.x;
  const last = sizes.at(-1)?.x;
  if (law === null || first === undefined || last === undefined) return [];
  return along(first, last)
    .map((x) => ({ x, y: law.valueAt(x) }))
    .filter(({ y }) => shown(y));
};

/** Each model has its hue, unless several curves are of one: then each curve has one by its place. */
const strokesOf = (curves: readonly CurveShown[]): readonly string[] => {
  const isOneEach = new Set(curves.map(({ model }) => model)).size === curves.length;
  return curves.map(({ model }, place) => colourOf(isOneEach ? model : null, place));
};

const marksOf = (curve: CurveShown, stroke: string): Markish[] => {
  const sizes = curve.sizes.filter(({ median }) => shown(median));
  const runs = sizes.flatMap(({ x, runs }) => runs.filter(shown).map((y) => ({ x, y })));
  const banded = sizes.filter(({ low, high }) => shown(low) && shown(high));
  const last = sizes.at(-1);
  return [
    areaY(banded, { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.15 }),
    ruleX(banded, { x: "x", y1: "low", y2: "high", stroke, strokeOpacity: 0.6 }),
    dot(runs, { x: "x", y: "y", r: 1.5, fill: stroke, fillOpacity: 0.35 }),
    line(lawPoints(curve), { x: "x", y: "y", stroke, strokeWidth: 1.5, strokeDasharray: "5 3" }),
    dot(sizes, { x: "x", y: "median", r: 4, stroke, fill: "white", strokeWidth: 1.75 }),
    text(last === undefined ? [] : [last], {
      x: "x",
      y: "median",
      text: () => curve.label,
      fill: stroke,
      dx: 9,
      textAnchor: "start",
      fontWeight: "bold",
    }),
  ];
};

const floorMarks = (floor: GrowthShown["floor"]): Markish[] => {
  if (floor === null) return [];
  const sizes = floor.sizes.filter(({ y }) => shown(y));
  const last = sizes.at(-1);
  return [
    line(sizes, { x: "x", y: "y", stroke: floorColour, strokeWidth: 1 }),
    text(last === undefined ? [] : [last], { x: "x", y: "y", text: () => floor.label, fill: floorColour, dx: 9, textAnchor: "start" }),
  ];
};

/** The part of the axis that a number of seven digits takes: sizes that are nearer to each other would be written over one another. */
const tickWidth = 0.09;

const ticksOf = (curves: readonly CurveShown[]): readonly number[] => {
  const sizes = [...new Set(curves.flatMap((curve) => curve.sizes.map(({ x }) => x)))].sort((a, b) => b - a);
  const nearest = ((sizes[0] ?? 1) / (sizes.at(-1) ?? 1)) ** tickWidth;
  const ticks: number[] = [];
  for (const size of sizes) if (ticks.length === 0 || (ticks.at(-1) as number) / size >= nearest) ticks.push(size);
  return ticks;
};

const notesOf = (curves: readonly CurveShown[], strokes: readonly string[]): readonly Note[] =>
  curves.flatMap(({ label, law }, place) =>
    law === null ? [] : [{ text: `${label}: ${law.sentence}`, colour: strokes[place] as string, isKey: true }],
  );

/** The SVG. Both axes are logarithmic. */
export const growthFigure = ({ title, subtitle, xLabel, yLabel, yText, curves, floor }: GrowthShown): string => {
  const strokes = strokesOf(curves);
  return draw(
    { title, subtitle, width: sheetWidth, height: 520, notes: notesOf(curves, strokes) },
    {
      marginLeft: 64,
      marginRight: 150,
      x: { type: "log", base: 2, label: xLabel, ticks: ticksOf(curves), tickFormat: countText, grid: true },
      y: { type: "log", label: yLabel, tickFormat: yText, grid: true },
      marks: [...curves.flatMap((curve, place) => marksOf(curve, strokes[place] as string)), ...floorMarks(floor)],
    },
  );
};
