// Models beside each other: a column for each measure with a scale of its own, a row for each model, and in every cell its value.
import { element, words } from "./element.ts";
import { colourOf } from "./palette.ts";
import { framed, type Note } from "./sheet.ts";

export interface Scored {
  readonly model: string;
  /** By column: how much of it, null where it did not happen, and what is written beside it. */
  readonly cells: ReadonlyArray<{ readonly value: number | null; readonly text: string }>;
}

export interface ScorecardShown {
  readonly title: string;
  readonly subtitle: string;
  /** With their units, and whether less is better. */
  readonly columns: readonly string[];
  readonly rows: readonly Scored[];
  readonly notes: readonly Note[];
}

const left = 96;
const columnWidth = 104;
const rowHeight = 36;
const headHeight = 26;

export const scorecardFigure = ({ title, subtitle, columns, rows, notes }: ScorecardShown): string => {
  const width = left + columnWidth * columns.length + 12;
  const largest = columns.map((_, column) => Math.max(0, ...rows.map(({ cells }) => cells[column]?.value ?? 0)));
  return framed({ title, subtitle, width, height: headHeight + rowHeight * rows.length, notes }, (above) => {
    const top = above + headHeight;
    const cell = (place: number, column: number, colour: string): string => {
      const { value, text } = rows[place]?.cells[column] ?? { value: null, text: "" };
      const [x, y] = [left + columnWidth * column, top + rowHeight * place];
      const most = largest[column] as number;
      const length = value === null || most === 0 ? 0 : (columnWidth - 14) * (value / most);
      return [
        words(x, y + 15, text, { "font-size": 12, fill: "currentColor" }),
        element("rect", { x, y: y + 21, width: columnWidth - 14, height: 5, rx: 2, fill: "currentColor", "fill-opacity": 0.08 }),
        ...(length === 0 ? [] : [element("rect", { x, y: y + 21, width: Math.max(1.5, length), height: 5, rx: 2, fill: colour })]),
      ].join("");
    };
    return [
      ...columns.map((name, column) =>
        words(left + columnWidth * column, above + 14, name, { "font-size": 11, "font-weight": 600, fill: "currentColor" }),
      ),
      ...rows.map(({ model }, place) => {
        const colour = colourOf(model, place);
        const y = top + rowHeight * place;
        return element(
          "g",
          { class: "score" },
          element("line", { x1: 12, x2: width - 12, y1: y - 3, y2: y - 3, stroke: "currentColor", "stroke-opacity": 0.15 }),
          element("rect", { x: 12, y: y + 4, width: 5, height: 22, rx: 2, fill: colour }),
          words(24, y + 19, model, { "font-size": 12, "font-weight": 600, fill: "currentColor" }),
          ...columns.map((_, column) => cell(place, column, colour)),
        );
      }),
    ].join("");
  });
};
