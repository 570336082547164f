// The sheet that every figure is drawn on: a title with engine, seed and size below it, the drawing, and notes.
//
// A sheet stands alone: its own name space, fonts that every reader has, a white ground for paper. A page that shows it in other colours
// finds the ground, muted words and what is drawn in the colour of words by their classes.
import { element, escaped, words } from "./element.ts";

export const font = "'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";

/** Of the drawing of a figure that has no reason for another, in pixels. */
export const sheetWidth = 860;

/** In pixels: of the title's line, of every line below it, of one note, and below the last. */
const titleHeight = 26;
const lineHeight = 16;
const noteHeight = 18;
const footHeight = 8;

/** The ink of words and axes. */
const ink = "#1b1f24";

export interface Note {
  readonly text: string;
  readonly colour: string;
  /** It tells what a line of this colour is: a square has the colour, and the words are ink, which can be read on any ground. */
  readonly isKey?: boolean;
}

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

/** Of a letter of twelve pixels, on the average: what is broken by it fits in every font. */
const letterWidth = 6.4;

/** Lines of words that are no longer than the sheet is wide; a word that is too long is cut. */
const linesOf = (text: string, width: number): readonly string[] => {
  const most = Math.max(8, Math.floor((width - 24) / letterWidth));
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.length > most ? `${word.slice(0, most - 1)}…` : word);
  }
  return lines;
};

interface Placed extends Pick<Note, "text" | "colour"> {
  /** The colour of a square before it. */
  readonly square: string | null;
  readonly x: number;
  readonly line: number;
}

const gap = 22;

/** Of a square before words. */
const square = 10;

/** Notes side by side, as many as a line takes; a long one has lines of its own. */
const placed = (notes: readonly Note[], width: number): readonly Placed[] => {
  const all: Placed[] = [];
  let [x, line] = [12, -1];
  for (const note of notes) {
    for (const [place, text] of linesOf(note.text, width).entries()) {
      const isKey = note.isKey === true && place === 0;
      const length = letterWidth * text.length + (isKey ? square + 6 : 0);
      if (line < 0 || x + length > width - 12) [x, line] = [12, line + 1];
      all.push({ text, colour: note.isKey === true ? "currentColor" : note.colour, square: isKey ? note.colour : null, x, line });
      x += length + gap;
    }
  }
  return all;
};

const noteDrawn = ({ text, colour, square: filled, x, line }: Placed, top: number): string => {
  const y = top + noteHeight * (line + 1) - 4;
  if (filled === null) return words(x, y, text, { fill: colour });
  const shape = element("rect", { class: "key", x, y: y - 9, width: square, height: square, rx: 2, fill: filled });
  return `${shape}${words(x + square + 6, y, text, { fill: colour })}`;
};

/** The SVG of a drawing below its title. `drawing` is given the height that stands above it. */
export const framed = ({ title, subtitle, width, height, notes }: Sheet, drawing: (top: number) => string): string => {
  const [first = "", ...rest] = linesOf(title, (width * 12) / 17);
  const below = linesOf(subtitle, width);
  const top = titleHeight + lineHeight * (rest.length + below.length) + 10;
  const told = placed(notes, width);
  const whole = top + height + noteHeight * (1 + (told.at(-1)?.line ?? -1)) + footHeight;
  const heading = { "font-size": 16, "font-weight": 600, fill: "currentColor" };
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height: whole,
      viewBox: `0 0 ${width} ${Math.round(whole * 10) / 10}`,
      "font-family": font,
      "font-size": 12,
      color: ink,
      role: "img",
    },
    element("title", {}, escaped(title)),
    element("desc", {}, escaped([subtitle, ...notes.map(({ text }) => text)].join(". "))),
    element("rect", { class: "ground", width: "100%", height: "100%", fill: "white" }),
    words(12, 22, first, heading),
    ...rest.map((line, place) => words(12, 22 + 18 * (place + 1), line, heading)),
    ...below.map((line, place) =>
      words(12, titleHeight + lineHeight * (rest.length + place) + 15, line, { class: "muted", fill: "#555", "font-size": 12 }),
    ),
    drawing(top),
    ...told.map((note) => noteDrawn(note, top + height)),
  )}\n`;
};
