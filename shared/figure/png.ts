// An SVG figure as the bytes of a PNG, for papers and pages that take no SVG.
import { Resvg } from "@resvg/resvg-js";

/** Pixels of the picture for each of the drawing: readable on paper and on fine screens. */
const scale = 2;

/** Letters are drawn with the fonts of the machine that this runs on. */
export const pngOf = (svg: string): Uint8Array =>
  new Resvg(svg, { fitTo: { mode: "zoom", value: scale }, font: { defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" } })
    .render()
    .asPng();
