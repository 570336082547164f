// What a person handed in was wrong: one message that says where, what was expected, and what was probably meant.
import { nearest } from "./spelling.ts";

/** Input that cannot be used; the command line ends with exit code 254 on it. */
export class BadInput extends Error {
  override readonly name = "BadInput";

  /** `file` is what was read, `place` where inside it (`calls[3].cpuNs.kind`), empty for all of it. */
  constructor(file: string, place: string, message: string) {
    super([file, place, message].filter((part) => part !== "").join(": "));
  }
}

/** The question to end a message with, where a known word is near enough: ` (did you mean "read"?)`. */
export const didYouMean = (word: string, known: Iterable<string>): string => {
  const meant = nearest(word, known);
  return meant === undefined ? "" : ` (did you mean "${meant}"?)`;
};
