// HTML that is escaped by construction: whatever a template is given is text, unless it is HTML of another template or a drawing of ours.
import { escaped } from "../../figure/element.ts";

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | readonly Html[];

const printed = (value: Value): string => {
  if (value instanceof Html) return value.text;
  return typeof value === "string" || typeof value === "number" ? escaped(String(value)) : value.map(({ text }) => text).join("");
};

/** A template: `html\`<td>${name}</td>\``. */
export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Html =>
  new Html(parts.map((part, place) => `${part}${place < values.length ? printed(values[place] as Value) : ""}`).join(""));

export const nothing = new Html("");

/** Of a drawing, the letters of whose texts are escaped already; each gives its shapes their colours itself. */
export const drawing = (svg: string): Html => new Html(svg);

/** Text whose lines stay lines. */
export const linesOfText = (text: string): Html => new Html(text.split("\n").map(escaped).join("\n"));
