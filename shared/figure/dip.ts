// What users notice of an operation: answers a second and the 99th percentile of latency around its opening, a line for each model.
import { element, through, words } from "./element.ts";
import { countText, timeText } from "./numbers.ts";
import { colourOf } from "./palette.ts";
import { framed, sheetWidth as width } from "./sheet.ts";
import { type TimeAxis, ticksBetween, timeAxis, xOf } from "./timeAxis.ts";

/** Values in bins of equal width; null where too little was measured. */
export interface Binned {
  readonly fromNs: number;
  readonly binNs: number;
  readonly values: ReadonlyArray<number | null>;
}

export interface DipShown {
  readonly title: string;
  readonly subtitle: string;
  readonly models: ReadonlyArray<{
    readonly model: string;
    /** How long an operation took on the average. */
    readonly durationNs: number;
    readonly perSecond: Binned;
    readonly p99Us: Binned;
  }>;
}

const [left, right] = [72, width - 20];
const panelHeight = 130;
const panelGap = 36;
const barHeight = 14;
const axisHeight = 44;

const largestOf = (all: readonly Binned[]): number => Math.max(1, ...all.flatMap(({ values }) => values.flatMap((value) => value ?? [])));

/** Lines that break where nothing is known. */
const stepped = ({ fromNs, binNs, values }: Binned, axis: TimeAxis, yOf: (value: number) => number): string => {
  let path = "";
  let points: Array<readonly [number, number]> = [];
  const flush = (): void => {
    if (points.length > 0) path += through(points);
    points = [];
  };
  for (const [bin, value] of values.entries()) {
    if (value === null) flush();
    else for (const edge of [bin, bin + 1]) points.push([xOf(axis, fromNs + edge * binNs), yOf(value)]);
  }
  flush();
  return path;
};

interface Panel {
  readonly label: string;
  readonly top: number;
  readonly lines: ReadonlyArray<{ readonly colour: string; readonly binned: Binned }>;
  readonly tickText: (value: number) => string;
}

const panel = ({ label, top, lines, tickText }: Panel, axis: TimeAxis): string => {
  const largest = 1.08 * largestOf(lines.map(({ binned }) => binned));
  const yOf = (value: number): number => top + panelHeight * (1 - value / largest);
  return [
    words(left - 60, top - 8, label, { "font-size": 11, "font-weight": 600, fill: "currentColor" }),
    ...ticksBetween(0, largest, 4).map((tick) =>
      [
        element("line", { x1: left, x2: right, y1: yOf(tick), y2: yOf(tick), stroke: "currentColor", "stroke-opacity": 0.12 }),
        words(left - 8, yOf(tick) + 4, tickText(tick), { "text-anchor": "end", "font-size": 11, fill: "currentColor" }),
      ].join(""),
    ),
    ...lines.map(({ colour, binned }) =>
      element("path", { d: stepped(binned, axis, yOf), fill: "none", stroke: colour, "stroke-width": 1.6 }),
    ),
  ].join("");
};

export const dipFigure = ({ title, subtitle, models }: DipShown): string => {
  const [first] = models;
  if (first === undefined) throw new Error("a dip of no models");
  const { fromNs, binNs, values } = first.perSecond;
  const axis: TimeAxis = { fromNs, toNs: fromNs + binNs * values.length, zeroNs: 0, left, right };
  const coloured = models.map((one, place) => ({ ...one, colour: colourOf(one.model, place) }));
  const barsHeight = barHeight * models.length + 8;
  const notes = coloured.map(({ model, durationNs, colour }) => ({
    text: `${model}: an operation takes ${timeText(durationNs)}`,
    colour,
    isKey: true,
  }));
  return framed({ title, subtitle, width, height: 24 + barsHeight + 2 * panelHeight + panelGap + axisHeight, notes }, (above) => {
    const top = above + 20 + barsHeight;
    const second = top + panelHeight + panelGap;
    const bottom = second + panelHeight;
    return [
      ...coloured.map(({ durationNs, colour }, place) => {
        const [x, end] = [xOf(axis, 0), xOf(axis, durationNs)];
        const y = above + barHeight * place;
        return [
          element("rect", { class: "operation", x, y, width: Math.max(1.5, end - x), height: barHeight - 5, rx: 2, fill: colour }),
          element("rect", { x, y: top, width: Math.max(1.5, end - x), height: bottom - top, fill: colour, "fill-opacity": 0.07 }),
        ].join("");
      }),
      panel(
        {
          label: "answers a second",
          top,
          lines: coloured.map(({ colour, perSecond }) => ({ colour, binned: perSecond })),
          tickText: countText,
        },
        axis,
      ),
      panel(
        {
          label: "99th percentile of latency",
          top: second,
          lines: coloured.map(({ colour, p99Us }) => ({ colour, binned: p99Us })),
          tickText: (us) => timeText(us * 1000),
        },
        axis,
      ),
      timeAxis(axis, top, bottom, "time since an operation opened"),
    ].join("");
  });
};
