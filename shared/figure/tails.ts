// How large a share of requests took longer: a panel for each rate, a line for each model while it patches, and grey for the time before.
import { line, type Markish } from "@observablehq/plot";
import { draw } from "./draw.ts";
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

const marksOf = ({ panel, model, points }: TailShown, models: readonly string[]): Markish[] => {
  const stroke = strokeOf(model, models);
  const shown = points.filter(({ us, share }) => us > 0 && share > 0).map(({ us, share }) => ({ panel, us, share }));
  return [
    line(shown, {
      fx: "panel",
      x: "us",
      y: "share",
      stroke,
      strokeWidth: model === null ? 3 : 1.75,
      strokeOpacity: model === null ? 0.5 : 1,
      clip: true,
    }),
  ];
};

/** The powers of ten from one to the other. */
const decades = (low: number, high: number): readonly number[] => {
  const first = Math.ceil(Math.log10(low));
  return Array.from({ length: Math.max(0, Math.floor(Math.log10(high)) - first + 1) }, (_, i) => 10 ** (first + i));
};

/** What is shorter than this is not what a tail is about: the fastest tenth of requests begins the axis at its decade. */
const fastest = 0.9;

const startOf = (points: TailShown["points"]): number =>
  10 ** Math.floor(Math.log10(Math.min(...points.filter(({ us, share }) => us > 0 && share < fastest).map(({ us }) => us))));

/** The SVG. Both axes are logarithmic, so that a tail that is ten times as rare stands one decade below. */
export const tailsFigure = ({ title, subtitle, panels, tails }: TailsShown): string => {
  const models = [...new Set(tails.flatMap(({ model }) => model ?? []))];
  const notes: readonly Note[] = [
    ...models.map((model) => ({ text: `${model}: requests that met an operation`, colour: strokeOf(model, models) })),
    { text: "grey: requests before and between operations", colour: floorColour },
  ];
  const points = tails.flatMap((tail) => tail.points.filter(({ us, share }) => us > 0 && share > 0));
  const from = startOf(points);
  const to = points.reduce((most, { us }) => Math.max(most, us), 0);
  const rarest = points.reduce((least, { share }) => Math.min(least, share), 1);
  return draw(
    { title, subtitle, width: Math.max(480, panelWidth * panels.length + 70), height: 380, notes },
    {
      marginLeft: 60,
      marginTop: 36,
      fx: { domain: [...panels], label: null },
      x: {
        type: "log",
        ...(from < to && { domain: [from, to], ticks: decades(from, to) }),
        label: "latency from the intended start (µs)",
        tickFormat: "~s",
        grid: true,
      },
      y: { type: "log", label: "share of requests that took longer", ticks: decades(rarest, 1), tickFormat: "~%", grid: true },
      marks: tails.flatMap((tail) => marksOf(tail, models)),
    },
  );
};
