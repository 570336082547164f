// What the colours of a drawing mean: a row of squares with words, in as many lines as it takes.
import { element, words } from "./element.ts";

export interface Key {
  readonly name: string;
  readonly colour: string;
  readonly class?: string;
}

const keyHeight = 18;

interface Placed extends Key {
  readonly x: number;
  readonly y: number;
}

const placed = (keys: readonly Key[], left: number, right: number): readonly Placed[] => {
  const rows: Placed[] = [];
  let [x, y] = [left, 0];
  for (const key of keys) {
    const width = 24 + 6.4 * key.name.length;
    if (x > left && x + width > right) [x, y] = [left, y + keyHeight];
    rows.push({ ...key, x, y });
    x += width + 6;
  }
  return rows;
};

export const legendHeight = (keys: readonly Key[], left: number, right: number): number =>
  keyHeight + (placed(keys, left, right).at(-1)?.y ?? 0);

export const legend = (keys: readonly Key[], left: number, right: number, top: number): string =>
  placed(keys, left, right)
    .map(({ x, y, name, colour, class: kind }) =>
      [
        element("rect", { x, y: top + y + 2, width: 11, height: 11, rx: 2, fill: colour, class: kind }),
        words(x + 16, top + y + 12, name, { "font-size": 11, fill: "currentColor" }),
      ].join(""),
    )
    .join("");
