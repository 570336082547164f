// A counterexample as a file: the machine that it is of, and its steps.
import type { Counterexample } from "../../../shared/explore/explore.ts";
import type { WrittenSetup } from "../../../shared/explore/machines/setup.ts";
import { BadInput } from "../../../shared/machine/badInput.ts";

export const pathSchema = "quiesce.path/1";

export interface PathFile extends Counterexample {
  readonly schema: typeof pathSchema;
  readonly code: string;
  readonly setup: WrittenSetup;
}

/** The actions are checked by taking them; here only that there are any, and a machine to take them on. */
export const decodePath = (file: string, text: string): PathFile => {
  let value: Partial<PathFile> | null;
  try {
    value = JSON.parse(text) as Partial<PathFile> | null;
  } catch (error) {
    throw new BadInput(file, "", `is not JSON: ${(error as Error).message}`);
  }
  if (value?.schema !== pathSchema) throw new BadInput(file, "schema", `is not "${pathSchema}"`);
  const isWhole =
    Array.isArray(value.steps) && value.steps.every((step) => Number.isSafeInteger(step?.action)) && value.setup?.model !== undefined;
  if (!isWhole) throw new BadInput(file, "", "has no setup, or steps without actions");
  return value as PathFile;
};
