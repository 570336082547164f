// One flag that is no setting of a run, read as its kind says.
import { BadInput } from "../../../shared/machine/badInput.ts";
import { type Kind, WrongValue } from "./values.ts";

/** Undefined where it was not given. */
export const reading = <T>(flag: string, text: string | undefined, kind: Kind<T>): T | undefined => {
  try {
    return text === undefined ? undefined : kind.read(text);
  } catch (error) {
    throw error instanceof WrongValue ? new BadInput("", flag, error.message) : error;
  }
};
