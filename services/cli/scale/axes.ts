// The axes of a sweep: each setting that flags or the sweep's file give several values, and each of those values as texts.
import { BadInput } from "../../../shared/machine/badInput.ts";
import { combinations } from "../../../shared/scale/cells.ts";
import { expand } from "../../../shared/scale/range.ts";
import { isRepeatable, type Setting, type SettingName, settingNames, settings } from "../settings/table.ts";
import { WrongValue } from "../settings/values.ts";

/** One value: how it is shown, and the texts that the setting is given for it. */
export interface Alternative {
  readonly shown: string;
  readonly texts: readonly string[];
}

/** All the values of one setting, from the place that decides. */
export interface Swept {
  readonly name: SettingName;
  readonly from: "flag" | "file";
  readonly file: string;
  readonly place: string;
  readonly alternatives: readonly Alternative[];
}

/** What a sweep has in another flag, or what makes no sense in one. */
const notSwept: Partial<Record<SettingName, string>> = {
  model: "name them with models",
  leave: "name the cell with models, like kernel+task",
  switch: "name the cell with models, like kernel+task",
  journal: "a sweep keeps none: run a cell by itself to get one",
};

/** In the order of help. */
export const sweptNames = settingNames.filter((name) => !Object.hasOwn(notSwept, name));

export const whyNotSwept = (name: SettingName): string | undefined => notSwept[name];

/** Settings of the sweep as a whole: a list of them has no meaning. */
const ofWhole: readonly SettingName[] = ["engine", "mutant", "seed", "out", "nats", "keys", "nkey", "tls-ca"];

const numbers: readonly string[] = ["COUNT", "DURATION"];

const trimmed = (texts: readonly string[]): readonly string[] => texts.map((text) => text.trim());

/** Of a setting that may repeat: several at once after semicolons, and `none`. */
const together = (text: string): Alternative => {
  const texts = text.trim() === "none" ? [] : trimmed(text.split(";"));
  return { shown: texts.length === 0 ? "none" : texts.join("; "), texts };
};

const joined = (alternatives: readonly Alternative[]): Alternative => {
  const texts = alternatives.flatMap((alternative) => alternative.texts);
  return { shown: texts.length === 0 ? "none" : texts.join("; "), texts };
};

/** The values that one text of a setting stands for, as it is written behind a flag. */
const written = (name: SettingName, text: string): readonly string[] => {
  if (ofWhole.includes(name)) return [text];
  return isRepeatable(name) ? text.split("|") : trimmed(text.split(","));
};

/**
 * What is given to one setting. Of one that has a single value, commas part values; of one that may repeat, bars part values of which
 * each may be several after semicolons, and everything that is given is combined with everything else.
 */
export const alternativesOf = (
  name: SettingName,
  texts: readonly string[],
  place: Pick<Swept, "file" | "place">,
): readonly Alternative[] =>
  isRepeatable(name)
    ? distinct(combinations(texts.map((text) => written(name, text).map(together))).map(joined), place)
    : valuesOf(
        name,
        texts.flatMap((text) => written(name, text)),
        place,
      );

/** The same of a list that names each value by itself. */
export const alternativesIn = (
  name: SettingName,
  list: ReadonlyArray<readonly string[]>,
  place: Pick<Swept, "file" | "place">,
): readonly Alternative[] =>
  isRepeatable(name)
    ? distinct(
        list.map((texts) => joined(texts.map(together))),
        place,
      )
    : valuesOf(name, list.flat(), place);

const distinct = (alternatives: readonly Alternative[], { file, place }: Pick<Swept, "file" | "place">): readonly Alternative[] => {
  const shown = alternatives.map((alternative) => alternative.shown);
  const twice = shown.find((text, i) => shown.indexOf(text) < i);
  if (twice !== undefined) throw new BadInput(file, place, `"${twice}" is there twice`);
  return alternatives;
};

const valuesOf = (name: SettingName, parts: readonly string[], { file, place }: Pick<Swept, "file" | "place">): readonly Alternative[] => {
  const setting: Setting<unknown> = settings[name];
  const fail = (message: string): BadInput => new BadInput(file, place, message);
  try {
    const values = expand(parts, numbers.includes(setting.metavar) && !ofWhole.includes(name), setting, fail);
    if (ofWhole.includes(name) && values.length > 1) throw fail("is one value for the whole sweep, not a list");
    return values.map((value) => ({ shown: value, texts: [value] }));
  } catch (error) {
    throw error instanceof WrongValue ? fail(error.message) : error;
  }
};
