// SVG as text: elements with their attributes, written so that no text of anybody's can become anything but text.

/** What no XML may hold, and what turns the order of letters around: a name that has them is not worth a broken picture. */
const forbidden = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** As the text of an element, or the value of an attribute in quotes. */
export const escaped = (text: string): string =>
  text
    .replaceAll(/[\t\n\r]/g, " ")
    .replaceAll(forbidden, "\ufffd")
    .replaceAll(/[&<>"']/g, (character) => entities[character] as string);

type Value = string | number | undefined;

/** A tenth of a pixel is more than anybody sees. */
const printed = (value: string | number): string => (typeof value === "number" ? String(Math.round(value * 10) / 10) : escaped(value));

/** `content` is elements, one after the other; text goes through `escaped` or `words`. */
export const element = (name: string, attributes: Readonly<Record<string, Value>>, ...content: readonly string[]): string => {
  const written = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${printed(value)}"`]));
  return `<${name}${written.join("")}${content.length === 0 ? "/>" : `>${content.join("")}</${name}>`}`;
};

/** A line of words. */
export const words = (x: number, y: number, text: string, attributes: Readonly<Record<string, Value>> = {}): string =>
  element("text", { x, y, ...attributes }, escaped(text));

/** What a pointer that rests on a shape is told. */
export const hint = (text: string): string => element("title", {}, escaped(text));

/** A path through these points. */
export const through = (points: ReadonlyArray<readonly [x: number, y: number]>): string =>
  points.map(([x, y], place) => `${place === 0 ? "M" : "L"}${printed(x)},${printed(y)}`).join("");
