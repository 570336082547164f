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
    }),
  ];
};

/** The SVG. Both axes are logarithmic, so that a tail that is ten times as rare stands one decade below. */
export const tailsFigure = ({ title, subtitle, panels, tails }: TailsShown): string => {
  const models = [...new Set(tails.flatMap(({ model }) => model ?? []))];
  const notes: readonly Note[] = [
    ...models.map((model) => ({ text: `${model}: requests that met an operation`, colour: strokeOf(model, models) })),
    { text: "grey: requests before and between operations", colour: floorColour },
  ];
  return draw(
    { title, subtitle, width: Math.max(480, panelWidth * panels.length + 70), height: 380, notes },
    {
      marginLeft: 60,
      marginTop: 36,
      fx: { domain: [...panels], label: null },
      x: { type: "log", label: "latency from the intended start (µs)", tickFormat: "~s", grid: true },
      y: { type: "log", label: "share of requests that took longer", tickFormat: "~%", grid: true },
      marks: tails.flatMap((tail) => marksOf(tail, models)),
    },
  );
};
