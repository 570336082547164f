// Reads a fault word by word, and says where and how one is misspelt.
import { nearest } from "../machine/spelling.ts";

/** Why a text is not a fault. `at` is the column, from 1, of the word at fault (or of where the next one should stand). */
export interface Problem {
  readonly text: string;
  readonly at: number;
  readonly message: string;
}

/** A word of the text; an empty one stands behind the last. */
interface Word {
  readonly text: string;
  readonly at: number;
}

export interface Reader {
  readonly text: string;
  readonly words: readonly Word[];
  next: number;
}

/** Thrown inside the grammar only, where a value would have to be handed up through every clause; `attempt` catches it. */
class Misspelt extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** What `read` makes of the text, or the first problem that it meets. */
export const attempt = <T>(text: string, read: (reader: Reader) => T): T | Problem => {
  const words = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], at: match.index + 1 }));
  try {
    return read({ text, words, next: 0 });
  } catch (error) {
    if (error instanceof Misspelt) return error.problem;
    throw error;
  }
};

/** The next word, which stays. */
export const peek = (reader: Reader): Word => reader.words[reader.next] ?? { text: "", at: reader.text.trimEnd().length + 1 };

const isAtEnd = (reader: Reader): boolean => reader.next >= reader.words.length;

/** Gives up at the next word: `message` says what is wrong with it. */
export const fail = (reader: Reader, message: (place: string) => string): never => {
  const { text, at } = peek(reader);
  throw new Misspelt({
    text: reader.text,
    at,
    message: message(text === "" ? `column ${at}, where the text ends` : `"${text}" at column ${at}`),
  });
};

/** Takes the next word as what `read` makes of it; where that is undefined, it is not a `what`. */
export const take = <T>(reader: Reader, what: string, read: (word: string) => T | undefined): T => {
  if (isAtEnd(reader)) return fail(reader, (place) => `expected ${what} at ${place}`);
  const value = read(peek(reader).text);
  if (value === undefined) return fail(reader, (place) => `${place} is not ${what}`);
  reader.next++;
  return value;
};

/** Takes the next word, which must be one of `known`: a `what`. */
export const takeOneOf = <K extends string>(reader: Reader, what: string, known: readonly K[]): K => {
  const word = peek(reader).text;
  const found = known.find((name) => name === word);
  if (found !== undefined) {
    reader.next++;
    return found;
  }
  const list = `${known.length > 1 ? "one of " : ""}${known.map((name) => `"${name}"`).join(", ")}`;
  if (word === "") return fail(reader, (place) => `expected ${list} at ${place}`);
  const meant = nearest(word, known);
  return fail(reader, (place) => `unknown ${what} ${place}: ${meant === undefined ? `expected ${list}` : `did you mean "${meant}"?`}`);
};

/** By its first word, what reads a clause of a fault and gives the properties of `F` that it states. */
export type Clauses<F> = Readonly<Record<string, (reader: Reader) => Partial<F>>>;

/** Reads clauses to the end of the text, in any order. What one of them gave cannot be given again, by whichever clause. */
export const takeClauses = <F extends object>(reader: Reader, clauses: Clauses<F>): Partial<F> => {
  const given: Partial<F> = {};
  while (!isAtEnd(reader)) {
    const start = reader.next;
    const name = takeOneOf(reader, "word", Object.keys(clauses));
    const more = clauses[name]?.(reader) ?? {};
    if (Object.keys(more).some((key) => key in given)) {
      reader.next = start;
      return fail(reader, (place) => `${place} says again what was said before it`);
    }
    Object.assign(given, more);
  }
  return given;
};

/** `value`, which some clause must have given by the end of the text. */
export const need = <T>(reader: Reader, value: T | undefined, what: string): T =>
  value ?? fail(reader, (place) => `expected ${what} at ${place}`);
