// The one line that runs it again: every value that was not left to its default, as flags, wherever it came from.
import type { Configuration } from "./configuration.ts";
import { type SettingName, settingNames, settings } from "./table.ts";

/** As one word of a shell. */
export const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** An address without the names and passwords that may be in it. */
export const withoutSecret = (url: string): string => url.replaceAll(/(^|,|\/\/)[^/@?]*@/g, "$1***@");

const textsOf = (name: SettingName, value: unknown): readonly string[] => {
  const setting: { print(value: unknown): string } = settings[name];
  return [value].flat().map((one) => (name === "nats" ? withoutSecret(setting.print(one)) : setting.print(one)));
};

/** The texts of every setting that was given or drawn, by name. */
export const givenTexts = ({ given, setup }: Configuration): ReadonlyMap<SettingName, readonly string[]> => {
  const texts = new Map<SettingName, readonly string[]>();
  for (const name of settingNames) {
    const value = name === "seed" ? setup.seed : given[name];
    if (value !== undefined) texts.set(name, textsOf(name, value));
  }
  return texts;
};

/** `without`: what the verb does not take, or what makes no difference. */
export const reproLine = (
  configuration: Configuration,
  extra: readonly string[] = [],
  verb = "run",
  without: readonly SettingName[] = ["out"],
): string => {
  const flags: string[] = [];
  for (const [name, texts] of givenTexts(configuration)) {
    if (!without.includes(name)) flags.push(...texts.map((text) => `--${name} ${quoted(text)}`));
  }
  return [`./quiesce ${verb}`, ...flags, ...extra].join(" ");
};
