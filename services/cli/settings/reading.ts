// One flag that is no setting of a run, read as its kind says.
import { BadInput } from "../../../shared/machine/badInput.ts";
import { type Kind, WrongValue } from "./values.ts";

/** What was given, or a message with the flag in front. */
export const readFlag = <T>(flag: string, text: string, kind: Kind<T>): T => {
  try {
    return kind.read(text);
  } catch (error) {
    throw error instanceof WrongValue ? new BadInput("", flag, error.message) : error;
  }
};

/** Undefined where it was not given. */
export const reading = <T>(flag: string, text: string | undefined, kind: Kind<T>): T | undefined =>
  text === undefined ? undefined : readFlag(flag, text, kind);
