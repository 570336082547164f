// The survival surface: how often an attempt commits, by how much gets lost and how long it may ask again, with theory in the same cells.
import { cell, text } from "@observablehq/plot";
import { draw } from "./draw.ts";

export interface SurvivalCell {
  readonly lossPercent: number;
  /** How long the attempt might take, in pauses between repeats. */
  readonly pauses: number;
  /** Shares from 0 to 1; null where no run was made, and where theory has nothing to say. */
  readonly committed: number | null;
  readonly closedForm: number | null;
}

export interface SurvivalShown {
  readonly title: string;
  readonly subtitle: string;
  readonly cells: readonly SurvivalCell[];
}

/** From none to all, by lightness alone: the blue of the palette on white, so that it prints and needs no hue to be read. */
const fills = ["#ffffff", "#e3eef6", "#c3dcec", "#9cc6e1", "#6fadd3", "#2a7fb5", "#0072B2"] as const;

const stepOf = (share: number): number => Math.round(share * (fills.length - 1));

const fillOf = (share: number | null): string => (share === null ? "#eeeeee" : (fills[stepOf(share)] as string));

/** White words where the ground is dark enough for small ones, else dark ones. */
const inkOf = (share: number | null): string => (stepOf(share ?? 0) >= fills.length - 2 ? "#ffffff" : "#1b1f24");

/** Nothing that was drawn or computed is told as certain that is not. */
const percentOf = (share: number): string => {
  if (share > 0 && share < 0.0005) return "<0.1";
  if (share < 1 && share >= 0.9995) return ">99.9";
  return (100 * share).toFixed(1);
};

const seenOf = ({ committed }: SurvivalCell): string => (committed === null ? "-" : percentOf(committed));
const theoryOf = ({ closedForm }: SurvivalCell): string => (closedForm === null ? "" : `(${percentOf(closedForm)})`);

const cellWidth = 82;
const cellHeight = 44;
const [left, right, top, bottom] = [88, 16, 34, 10];

/** The SVG: loss from top to bottom, the limit from left to right. */
export const survivalFigure = ({ title, subtitle, cells }: SurvivalShown): string => {
  const rows = [...new Set(cells.map(({ lossPercent }) => lossPercent))].sort((a, b) => a - b);
  const columns = [...new Set(cells.map(({ pauses }) => pauses))].sort((a, b) => a - b);
  const place = { x: "pauses", y: "lossPercent" } as const;
  const ink = { fill: ({ committed }: SurvivalCell) => inkOf(committed) };
  const notes = [
    { text: "upper number: percent of attempts that committed; in brackets: the closed form", colour: "#555" },
    { text: "darker: more survive", colour: "#555" },
  ];
  return draw(
    { title, subtitle, width: left + right + cellWidth * columns.length, height: top + bottom + cellHeight * rows.length, notes },
    {
      marginLeft: left,
      marginRight: right,
      marginTop: top,
      marginBottom: bottom,
      x: { domain: columns, axis: "top", label: "limit of the attempt, in pauses between repeats", tickSize: 0, padding: 0.03 },
      y: { domain: rows, label: "lost each way", tickFormat: (percent: number) => `${percent} %`, tickSize: 0, padding: 0.05 },
      color: { type: "identity" },
      marks: [
        cell(cells, { ...place, fill: ({ committed }: SurvivalCell) => fillOf(committed), stroke: "#d0d5da", strokeWidth: 0.75 }),
        text(cells, { ...place, ...ink, text: seenOf, dy: -7, fontSize: 14, fontWeight: 600 }),
        text(cells, { ...place, ...ink, text: theoryOf, dy: 10, fontSize: 11 }),
      ],
    },
  );
};
