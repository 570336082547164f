// Checks of data that came from outside: each either hands the value on or says in one message what is wrong, where, and what was meant.
import { BadInput, didYouMean } from "../../machine/badInput.ts";

/** Where a value stands: the file, and the way to it (`calls[3].cpuNs`). */
export interface Place {
  readonly file: string;
  readonly path: string;
}

const inside = (place: Place, key: string): Place => ({ ...place, path: place.path === "" ? key : `${place.path}.${key}` });

const fail = (place: Place, message: string): never => {
  throw new BadInput(place.file, place.path, message);
};

/** A value as it is shown in a message, cut short. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
};

/** A member's value and place. */
export type Member<T> = (value: unknown, place: Place) => T;

/** An object with exactly these members; those named in `optional` may be absent. */
export const object = <T extends object>(
  value: unknown,
  place: Place,
  members: { readonly [K in keyof T]-?: Member<T[K]> },
  optional: readonly string[] = [],
): T => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(place, `expected an object, found ${shown(value)}`);
  const given = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(members);
  for (const key of Object.keys(given)) {
    if (!names.includes(key)) fail(inside(place, key), `unknown key${didYouMean(key, names)}; known: ${names.join(", ")}`);
  }
  const result: Record<string, unknown> = {};
  for (const [key, read] of Object.entries(members) as Array<[string, Member<unknown>]>) {
    if (Object.hasOwn(given, key)) result[key] = read(given[key], inside(place, key));
    else if (!optional.includes(key)) fail(place, `"${key}" is missing`);
  }
  return result as T;
};

/** A list of `least` to `most` entries. */
export const list =
  <T>(read: Member<T>, least: number, most: number): Member<readonly T[]> =>
  (value, place) => {
    if (!Array.isArray(value)) return fail(place, `expected a list, found ${shown(value)}`);
    if (value.length < least || value.length > most) return fail(place, `expected ${least} to ${most} entries, found ${value.length}`);
    return value.map((entry, i) => read(entry, { ...place, path: `${place.path}[${i}]` }));
  };

/** Any number in a range, both ends included. */
export const number =
  (least: number, most: number): Member<number> =>
  (value, place) =>
    typeof value === "number" && value >= least && value <= most
      ? value
      : fail(
          place,
          `expected a ${least === Number.MIN_VALUE ? "number above 0 and up to" : `number from ${least} to`} ${most}, found ${shown(value)}`,
        );

/** An integer in a range, both ends included. */
export const integer =
  (least: number, most: number): Member<number> =>
  (value, place) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? (value as number)
      : fail(place, `expected an integer from ${least} to ${most}, found ${shown(value)}`);

/** Text that is not empty and not longer than `most` characters. */
export const text =
  (most: number): Member<string> =>
  (value, place) =>
    typeof value === "string" && value.length > 0 && value.length <= most
      ? value
      : fail(place, `expected text of 1 to ${most} characters, found ${shown(value)}`);

export const flag: Member<boolean> = (value, place) =>
  typeof value === "boolean" ? value : fail(place, `expected true or false, found ${shown(value)}`);

/** One of a few words. */
export const word =
  <const T extends string>(words: readonly T[]): Member<T> =>
  (value, place) =>
    words.find((known) => known === value) ??
    fail(
      place,
      `expected one of ${words.map((known) => `"${known}"`).join(", ")}, found ${shown(value)}${typeof value === "string" ? didYouMean(value, words) : ""}`,
    );

/** What JSON text says. */
export const json = (source: string, file: string): unknown => {
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new BadInput(file, "", `not JSON: ${(error as Error).message}`);
  }
};
