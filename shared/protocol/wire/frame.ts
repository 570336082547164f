// The shape of the bytes: what one process says in one turn, as small arrays of integers; and what all strict reading of arrays that
// anyone may have sent has in common. Reading never throws: it gives the frame, or a string that says why the value is none.
import type { Outcome } from "../messages.ts";
import { limits } from "../setup.ts";

/** What may be said at once. A frame beyond a limit is refused by whoever receives it. */
export const wireLimits = {
  /** CPUs of a machine. */
  cpus: limits.cpus,
  /** Bytes of a frame; below the 1 MiB that a NATS server takes unless it is told otherwise. */
  frameBytes: 1_000_000,
  /** Items of a frame, so that a small frame cannot ask for much work. */
  items: 1 << 16,
  /** Messages that a frame may unfold to, all its CPU sets counted out. */
  deliveries: 1 << 21,
  /** Busy tasks that one vote may name; more are cut off, since one is enough to abort. */
  busy: 64,
  /** Characters of a task's, function's or patch's name; more are cut off. */
  text: 256,
} as const;

/** What was read: `clock` is the speaker's Lamport clock. Who spoke is told by the subject, never by the frame. */
export interface Frame<Item> {
  readonly clock: number;
  readonly items: readonly Item[];
}

/** Why a value is not what it should be. */
export type Refusal = string;

/** A frame as plain values: arrays of integers and strings, nothing else. */
export type Wire = ReadonlyArray<number | string | Wire>;

export type Unread = readonly unknown[];

/** The first element of a frame. A change of a layout takes a new number. */
export const codes = { asks: 6, answers: 7, told: 8 } as const;

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
export const isCpu = (value: unknown): value is number => isCount(value) && value < wireLimits.cpus;
export const isLife = (value: unknown): value is number => isCount(value) && value > 0;
export const isText = (value: unknown): value is string => typeof value === "string" && value.length <= wireLimits.text;

/** The body of a frame of this code and length, or why it is none. */
export const bodyOf = (value: unknown, code: number, length: number): { clock: number; body: Unread } | Refusal => {
  if (!Array.isArray(value)) return "not a frame";
  if (value[0] !== code) return "another kind of frame";
  if (value.length !== length + 2) return "not a frame of its kind";
  if (!isCount(value[1])) return "no clock";
  return { clock: value[1], body: value.slice(2) };
};

/** The word that a number stands for. A number, not a key: `["a"]["length"]` is no word. */
export const wordOf = <Word>(words: readonly Word[], index: unknown): Word | undefined => (isCount(index) ? words[index] : undefined);

export const cut = (text: string): string => (text.length <= wireLimits.text ? text : text.slice(0, wireLimits.text));

export const outcomes: readonly Outcome[] = ["committed", "aborted"];
