// How large a share of requests took longer: a panel for each rate, a line for each model while it patches, and grey for the time before.
import { dot, line, type Markish } from "@observablehq/plot";
import { draw } from "./draw.ts";
import { timeText } from "./numbers.ts";
import { colourOf, floorColour } from "./palette.ts";
import type { Note } from "./sheet.ts";

export interface TailShown {
  /** The panel that it is in. */
  readonly panel: string;
  /** Null: the time before, whatever the model. */
  readonly model: string | null;
  readonly points: ReadonlyArray<{ readonly us: number; readonly share: number }>;
}

export interface TailsShown {
  readonly title: string;
  readonly subtitle: string;
  readonly panels: readonly string[];
  readonly tails: readonly TailShown[];
}

const panelWidth = 300;

const strokeOf = (model: string | null, models: readonly string[]): string =>
  model === null ? floorColour : colourOf(model, models.indexOf(model));

const isShown = ({ us, share }: TailShown["points"][number]): boolean => us > 0 && share > 0;

/** A line, and a dot for its slowest: of a tail of one request nothing else is to be seen. */
const marksOf = ({ panel, model, points }: TailShown, models: readonly string[]): Markish[] => {
  const stroke = strokeOf(model, models);
  const shown = points.filter(isShown).map(({ us, share }) => ({ panel, us, share }));
  const place = { fx: "panel", x: "us", y: "share" } as const;
  return [
    line(shown, { ...place, stroke, strokeWidth: model === null ? 3 : 1.75, strokeOpacity: model === null ? 0.5 : 1, clip: true }),
    dot(shown.slice(-1), { ...place, r: 2.5, fill: stroke }),
  ];
};

/** The powers of ten from one to the other. */
const decades = (low: number, high: number): readonly number[] => {
  const first = Math.ceil(Math.log10(low));
  return Array.from({ length: Math.max(0, Math.floor(Math.log10(high)) - first + 1) }, (_, i) => 10 ** (first + i));
};

const decadeBelow = (value: number): number => 10 ** Math.floor(Math.log10(value));

/** An end of an axis that has a tick: the next five or power of ten. */
const endAbove = (value: number): number => {
  const below = decadeBelow(value);
  return value <= below ? below : value <= 5 * below ? 5 * below : 10 * below;
};

/** What is shorter than this is not what a tail is about: the fastest tenth of requests begins the axis at its decade. */
const fastest = 0.9;

interface Axis {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

/** Nothing was measured: any axis will do. */
const emptyAxis: Axis = { domain: [1, 1_000], ticks: decades(1, 1_000) };

const latencyAxis = (points: TailShown["points"]): Axis => {
  if (points.length === 0) return emptyAxis;
  const slow = points.filter(({ share }) => share < fastest);
  const least = (slow.length > 0 ? slow : points).reduce((low, { us }) => Math.min(low, us), Number.POSITIVE_INFINITY);
  const from = decadeBelow(least);
  const to = Math.max(10 * from, endAbove(points.reduce((most, { us }) => Math.max(most, us), 0)));
  return { domain: [from, to], ticks: [...new Set([...decades(from, to), to])] };
};

const shareAxis = (points: TailShown["points"]): Axis => {
  const rarest = Math.min(0.1, decadeBelow(points.reduce((least, { share }) => Math.min(least, share), 1)));
  return { domain: [rarest, 1], ticks: decades(rarest, 1) };
};

const notesOf = (tails: readonly TailShown[], models: readonly string[]): readonly Note[] => [
  ...models.map((model) => {
    const met = tails.some((tail) => tail.model === model && tail.points.some(isShown));
    return {
      text: `${model}: ${met ? "requests that met an operation" : "no request met an operation"}`,
      colour: strokeOf(model, models),
      isKey: true,
    };
  }),
  { text: "requests before and between operations", colour: floorColour, isKey: true },
  { text: "dots: the slowest", colour: "currentColor" },
];

/** The SVG. Both axes are logarithmic, so that a tail that is ten times as rare stands one decade below. */
export const tailsFigure = ({ title, subtitle, panels, tails }: TailsShown): string => {
  const models = [...new Set(tails.flatMap(({ model }) => model ?? []))];
  const points = tails.flatMap((tail) => tail.points.filter(isShown));
  const latency = latencyAxis(points);
  const share = shareAxis(points);
  return draw(
    { title, subtitle, width: Math.max(480, panelWidth * panels.length + 70), height: 380, notes: notesOf(tails, models) },
    {
      marginLeft: 60,
      marginRight: 28,
      marginTop: 36,
      fx: { domain: [...panels], label: null },
      x: {
        type: "log",
        domain: [...latency.domain],
        ticks: [...latency.ticks],
        label: "latency from the intended start",
        tickFormat: (us: number) => timeText(us * 1000),
        grid: true,
      },
      y: {
        type: "log",
        domain: [...share.domain],
        ticks: [...share.ticks],
        label: "share of requests that took longer",
        tickFormat: (value: number) => `${Number((100 * value).toPrecision(3))} %`,
        grid: true,
      },
      marks: tails.flatMap((tail) => marksOf(tail, models)),
    },
  );
};
