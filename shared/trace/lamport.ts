// A run as lines of text in the order of Lamport's clock: a column for each actor where there are few, else its name.
import { type Actor, actorName, isCoordinator } from "../machine/machine.ts";
import { type Canvas, type Draught, type Format, traceLimits } from "./format.ts";
import type { Moment } from "./moment.ts";
import { byClock, Sorted } from "./sorted.ts";
import { sentence } from "./words.ts";

const clockWidth = 10;
const timeWidth = 14;
/** A sentence that is longer runs on into the next columns, which are empty: each line is of one actor. */
const columnWidth = 14;

const place = (clock: string, time: string): string => `${clock.padStart(clockWidth)} ${time.padStart(timeWidth)}  `;

/** Milliseconds with six places: nanoseconds. */
const milliseconds = (ns: number): string => `${Math.floor(ns / 1e6)}.${String(ns % 1e6).padStart(6, "0")}`;

const inOrder = (actors: Iterable<Actor>): readonly Actor[] =>
  [...actors].toSorted((a, b) => (isCoordinator(a) && isCoordinator(b) ? b - a : a - b));

const headOf = (columns: readonly Actor[]): string =>
  place("clock", "ms") + columns.map((actor) => actorName(actor).padEnd(columnWidth)).join("");

const write = (moments: readonly Moment[], canvas: Canvas): void => {
  const actors = inOrder(new Set(moments.map(({ actor }) => actor)));
  const hasColumns = actors.length <= traceLimits.lamportColumns;
  const columnOf = new Map(actors.map((actor, column) => [actor, " ".repeat(column * columnWidth)]));
  canvas.write(`${(hasColumns ? headOf(actors) : place("clock", "ms")).trimEnd()}\n`);
  for (const moment of moments) {
    const text = sentence(moment);
    if (text === undefined) continue;
    const who = hasColumns ? (columnOf.get(moment.actor) ?? "") : `${actorName(moment.actor)} `;
    canvas.write(`${place(String(moment.clock), milliseconds(moment.at))}${who}${text}\n`);
  }
};

const draw = (canvas: Canvas): Draught => {
  const moments = new Sorted();
  return { take: moments.take, finish: () => write(moments.by(byClock), canvas), leftOut: moments.leftOut };
};

export const lamport: Format = {
  needsMessages: true,
  isBinary: false,
  draw,
};
