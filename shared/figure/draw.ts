// A plot as the text of an SVG file that stands alone: its own name space, fonts that every reader has, a white ground for paper.
import { type PlotOptions, plot } from "@observablehq/plot";
import { parseHTML } from "linkedom";

const font = "'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";

/** Room for the title and what stands below it, in pixels. */
const headHeight = 52;

/** Of one note, and below the last. */
const noteHeight = 18;
const footHeight = 8;

export interface Sheet {
  readonly title: string;
  /** What the reader has to know beside the axes: engine, seeds, sizes. */
  readonly subtitle: string;
  /** Of the drawing without its title, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Lines to stand below it. */
  readonly notes: readonly Note[];
}

export interface Note {
  readonly text: string;
  readonly colour: string;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The SVG of a plot below its title. */
export const draw = ({ title, subtitle, width, height, notes }: Sheet, options: PlotOptions): string => {
  const { document } = parseHTML("<!doctype html><body></body>");
  const drawn = plot({ ...options, document, width, height });
  // A plot with a legend is a figure around several drawings: the last of them is the plot.
  const svg = drawn.tagName.toLowerCase() === "svg" ? drawn : [...drawn.querySelectorAll("svg")].at(-1);
  if (svg === undefined) throw new Error("a plot without a drawing");
  svg.setAttribute("y", `${headHeight}`);
  svg.setAttribute("font-family", font);
  const whole = headHeight + height + noteHeight * notes.length + footHeight;
  const noteAt = (place: number): number => headHeight + height + noteHeight * (place + 1) - 4;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}" font-family="${font}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="12" y="22" font-size="16" font-weight="600">${escaped(title)}</text>`,
    `<text x="12" y="42" font-size="12" fill="#555">${escaped(subtitle)}</text>`,
    svg.outerHTML,
    ...notes.map(({ text, colour }, place) => `<text x="12" y="${noteAt(place)}" font-size="12" fill="${colour}">${escaped(text)}</text>`),
    "</svg>\n",
  ].join("\n");
};
