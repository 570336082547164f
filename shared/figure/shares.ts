// How often runs ended in which way: one bar of all runs for each model, cut into shares.
import { element, hint, words } from "./element.ts";
import { legend, legendHeight } from "./legend.ts";
import { framed, sheetWidth as width } from "./sheet.ts";

export interface SharesShown {
  readonly title: string;
  readonly subtitle: string;
  /** What runs ended in, in the order of a bar. */
  readonly parts: ReadonlyArray<{ readonly name: string; readonly colour: string }>;
  /** `shares`: by part, adding up to 1; `text` stands behind the bar. */
  readonly rows: ReadonlyArray<{ readonly name: string; readonly shares: readonly number[]; readonly text: string }>;
}

const [left, right] = [110, width - 250];
const rowHeight = 30;
const axisHeight = 36;

export const sharesFigure = ({ title, subtitle, parts, rows }: SharesShown): string => {
  const keysHeight = legendHeight(parts, left, width) + 8;
  const xAt = (share: number): number => left + (right - left) * share;
  return framed({ title, subtitle, width, height: keysHeight + rowHeight * rows.length + axisHeight, notes: [] }, (above) => {
    const top = above + keysHeight;
    const bottom = top + rowHeight * rows.length;
    return [
      legend(parts, left, width, above),
      ...[0, 0.25, 0.5, 0.75, 1].map((share) =>
        [
          element("line", { x1: xAt(share), x2: xAt(share), y1: top, y2: bottom + 4, stroke: "currentColor", "stroke-opacity": 0.15 }),
          words(xAt(share), bottom + 17, `${100 * share}`, { "text-anchor": "middle", "font-size": 11, fill: "currentColor" }),
        ].join(""),
      ),
      words(right, bottom + 32, "share of runs (%)", { "text-anchor": "end", "font-size": 11, fill: "currentColor" }),
      ...rows.map(({ name, shares, text }, place) => {
        const y = top + rowHeight * place;
        let from = 0;
        const bars = shares.map((share, part) => {
          const begins = from;
          from += share;
          const { name: what = "", colour = "none" } = parts[part] ?? {};
          // What is too rare to be seen is drawn all the same.
          return share === 0
            ? ""
            : element(
                "rect",
                {
                  x: Math.min(xAt(begins), right - 1.5),
                  y: y + 5,
                  width: Math.max(1.5, xAt(from) - xAt(begins)),
                  height: rowHeight - 10,
                  fill: colour,
                },
                hint(`${name}: ${what} ${(100 * share).toPrecision(3)} %`),
              );
        });
        return [
          words(left - 8, y + 19, name, { "text-anchor": "end", "font-size": 12, "font-weight": 600, fill: "currentColor" }),
          ...bars,
          words(right + 10, y + 19, text, { "font-size": 11.5, fill: "currentColor" }),
        ].join("");
      }),
    ].join("");
  });
};
