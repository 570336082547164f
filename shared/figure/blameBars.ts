// Who held a run up, and for how long: a bar for each culprit, the most costly first.
import { element, hint, words } from "./element.ts";
import { tickText, timeText } from "./numbers.ts";
import { framed, sheetWidth as width } from "./sheet.ts";
import { ticksBetween } from "./timeAxis.ts";

export interface BlameShown {
  readonly title: string;
  readonly subtitle: string;
  /** What the lengths are: "time that the others waited". */
  readonly label: string;
  readonly culprits: ReadonlyArray<{ readonly name: string; readonly why: string; readonly ns: number; readonly colour: string }>;
}

const [left, right] = [250, width - 90];
const rowHeight = 34;
const axisHeight = 40;

/** What has no more room is told when it is pointed at. */
const mostLetters = 36;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

export const blameFigure = ({ title, subtitle, label, culprits }: BlameShown): string => {
  const longest = Math.max(1, ...culprits.map(({ ns }) => ns));
  const { name: unit, one } =
    longest >= 2e9 ? { name: "s", one: 1e9 } : longest >= 2e6 ? { name: "ms", one: 1e6 } : { name: "µs", one: 1e3 };
  const height = rowHeight * culprits.length;
  const xAt = (ns: number): number => left + ((right - left) * ns) / longest;
  return framed({ title, subtitle, width, height: height + axisHeight, notes: [] }, (top) =>
    [
      ...ticksBetween(0, longest / one, 6).map((tick) => {
        const x = xAt(tick * one);
        return [
          element("line", { x1: x, x2: x, y1: top, y2: top + height, stroke: "currentColor", "stroke-opacity": 0.12 }),
          words(x, top + height + 15, tickText(tick), {
            "text-anchor": "middle",
            "font-size": 11,
            fill: "currentColor",
          }),
        ].join("");
      }),
      words(right, top + height + 32, `${label} (${unit})`, { "text-anchor": "end", "font-size": 11, fill: "currentColor" }),
      ...culprits.map(({ name, why, ns, colour }, place) => {
        const y = top + place * rowHeight;
        return element(
          "g",
          { class: "culprit" },
          hint(`${name}: ${why}, ${timeText(ns)}`),
          words(left - 8, y + 14, cut(name, mostLetters), { "text-anchor": "end", "font-size": 12, fill: "currentColor" }),
          words(left - 8, y + 27, cut(why, mostLetters + 4), { "text-anchor": "end", "font-size": 10.5, class: "muted", fill: "#555" }),
          element("rect", { x: left, y: y + 7, width: Math.max(1, xAt(ns) - left), height: rowHeight - 16, rx: 2, fill: colour }),
          words(xAt(ns) + 6, y + 21, timeText(ns), { "font-size": 11.5, fill: "currentColor" }),
        );
      }),
    ].join(""),
  );
};
