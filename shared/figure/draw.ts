// A plot of the plotting library as the text of an SVG file that stands alone.
import { type PlotOptions, plot } from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { font, framed, type Sheet } from "./sheet.ts";

/** The SVG of a plot below its title. */
export const draw = (sheet: Sheet, options: PlotOptions): string => {
  const { width, height } = sheet;
  const { document } = parseHTML("<!doctype html><body></body>");
  const drawn = plot({ ...options, document, width, height });
  // A plot with a legend is a figure around several drawings: the last of them is the plot.
  const svg = drawn.tagName.toLowerCase() === "svg" ? drawn : [...drawn.querySelectorAll("svg")].at(-1);
  if (svg === undefined) throw new Error("a plot without a drawing");
  svg.setAttribute("font-family", font);
  // The library names groups, which have no role that takes a name: the sheet is what is named.
  for (const group of svg.querySelectorAll("[aria-label], [aria-description]"))
    for (const name of ["aria-label", "aria-description"]) group.removeAttribute(name);
  return framed(sheet, (top) => {
    svg.setAttribute("y", `${top}`);
    return svg.outerHTML;
  });
};
