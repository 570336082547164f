// How many tasks have switched by when, of one transition, with those named that the others waited for.
import { element, hint, through, words } from "./element.ts";
import { countText, timeText } from "./numbers.ts";
import { colourOf, lostColour } from "./palette.ts";
import { framed, sheetWidth as width } from "./sheet.ts";
import { type Band, phaseBands, type TimeAxis, ticksBetween, timeAxis, xOf } from "./timeAxis.ts";

export interface SwitchingShown {
  readonly title: string;
  readonly subtitle: string;
  readonly model: string;
  readonly fromNs: number;
  readonly toNs: number;
  /** In order of time: how many have switched from then on. */
  readonly steps: ReadonlyArray<{ readonly atNs: number; readonly switched: number }>;
  readonly tasks: number;
  readonly phases: readonly Band[];
  /** Whoever was last, and whoever has not switched yet. */
  readonly stragglers: ReadonlyArray<{ readonly atNs: number; readonly text: string; readonly isPending: boolean }>;
}

const [left, right] = [64, width - 24];
const height = 260;
const axisHeight = 42;
const headHeight = 20;

/** More names would stand on each other. */
const mostNamed = 6;

export const switchingFigure = (shown: SwitchingShown): string => {
  const { title, subtitle, model, fromNs, toNs, steps, tasks, phases, stragglers } = shown;
  const axis: TimeAxis = { fromNs, toNs, zeroNs: fromNs, left, right, logarithmic: true };
  const colour = colourOf(model, 0);
  const named = stragglers.slice(0, mostNamed);
  const notes = named.map(({ text, isPending }, place) => ({
    text: `${place + 1}: ${text}`,
    colour: isPending ? lostColour : "currentColor",
  }));
  return framed({ title, subtitle, width, height: headHeight + height + axisHeight, notes }, (above) => {
    const [top, bottom] = [above + headHeight, above + headHeight + height];
    const yOf = (count: number): number => bottom - (height * count) / Math.max(1, tasks);
    const points: Array<readonly [number, number]> = [[left, bottom]];
    for (const { atNs, switched } of steps) points.push([xOf(axis, atNs), points.at(-1)?.[1] ?? bottom], [xOf(axis, atNs), yOf(switched)]);
    const end: readonly [number, number] = [right, points.at(-1)?.[1] ?? bottom];
    return [
      phaseBands(axis, phases, top, bottom),
      ...ticksBetween(0, tasks, 5)
        .filter(Number.isInteger)
        .map((tick) =>
          [
            element("line", { x1: left, x2: right, y1: yOf(tick), y2: yOf(tick), stroke: "currentColor", "stroke-opacity": 0.12 }),
            words(left - 8, yOf(tick) + 4, countText(tick), { "text-anchor": "end", "font-size": 11, fill: "currentColor" }),
          ].join(""),
        ),
      words(left - 52, top - 7, "tasks switched", { "font-size": 11, fill: "currentColor" }),
      timeAxis(axis, top, bottom, "time since the transition opened"),
      element("path", { d: `${through([...points, end])}L${right},${bottom}Z`, fill: colour, "fill-opacity": 0.15 }),
      element("path", { class: "switched", d: through([...points, end]), fill: "none", stroke: colour, "stroke-width": 2 }),
      ...named.map(({ atNs, text, isPending }, place) => {
        const x = xOf(axis, atNs);
        const stroke = isPending ? lostColour : "currentColor";
        return element(
          "g",
          { class: "straggler" },
          hint(`${text}, ${timeText(atNs - fromNs)}`),
          element("line", { x1: x, x2: x, y1: top, y2: bottom, stroke, "stroke-dasharray": "3 3" }),
          words(x - 5, top + 14 + 14 * place, String(place + 1), {
            "text-anchor": "end",
            "font-size": 12,
            "font-weight": 700,
            fill: stroke,
          }),
        );
      }),
    ].join("");
  });
};
