// How many states a search met at each depth: a bar for each number of steps.
import { element, hint, words } from "./element.ts";
import { plural, tickText } from "./numbers.ts";
import { floorColour } from "./palette.ts";
import { framed, type Note, sheetWidth as width } from "./sheet.ts";
import { ticksBetween } from "./timeAxis.ts";

export interface LevelsShown {
  readonly title: string;
  readonly subtitle: string;
  /** By depth, from 0 on. */
  readonly levels: readonly number[];
  /** The last one was cut off: there are more than so many. */
  readonly isCutOff: boolean;
  readonly colour: string;
}

const [left, right] = [84, width - 16];
const height = 220;
const headHeight = 22;
const axisHeight = 42;

/** Room that the number of a depth takes. */
const pixelsPerTick = 28;

export const levelsFigure = ({ title, subtitle, levels, isCutOff, colour }: LevelsShown): string => {
  const most = Math.max(1, ...levels);
  const step = (right - left) / levels.length;
  const each = Math.max(1, Math.ceil(pixelsPerTick / step));
  const notes: readonly Note[] = isCutOff
    ? [{ text: "the search ended in the midst of this depth", colour: floorColour, isKey: true }]
    : [];
  return framed({ title, subtitle, width, height: headHeight + height + axisHeight, notes }, (above) => {
    const bottom = above + headHeight + height;
    const yOf = (count: number): number => bottom - (height * count) / most;
    return [
      ...ticksBetween(0, most, 4)
        .filter(Number.isInteger)
        .map((tick) =>
          [
            element("line", { x1: left, x2: right, y1: yOf(tick), y2: yOf(tick), stroke: "currentColor", "stroke-opacity": 0.12 }),
            words(left - 8, yOf(tick) + 4, tickText(tick), { "text-anchor": "end", "font-size": 11, fill: "currentColor" }),
          ].join(""),
        ),
      words(12, above + 12, "states met first", { "font-size": 11, fill: "currentColor" }),
      ...levels.map((count, depth) => {
        const isLast = isCutOff && depth === levels.length - 1;
        const bar = {
          x: left + depth * step + 1,
          y: Math.min(bottom - 1, yOf(count)),
          width: Math.max(0.5, step - 2),
          height: Math.max(1, bottom - yOf(count)),
        };
        return element(
          "rect",
          { class: "level", ...bar, fill: isLast ? floorColour : colour },
          hint(`after ${plural(depth, "step")}: ${plural(count, "state")}`),
        );
      }),
      ...levels.flatMap((_, depth) =>
        depth % each === 0
          ? [
              words(left + (depth + 0.5) * step, bottom + 16, tickText(depth), {
                "text-anchor": "middle",
                "font-size": 11,
                fill: "currentColor",
              }),
            ]
          : [],
      ),
      words(right, bottom + 33, "steps from the beginning →", { "text-anchor": "end", "font-size": 11, fill: "currentColor" }),
    ].join("");
  });
};
