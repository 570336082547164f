// Settings from all the places that they may come from: flag before environment before scenario file; and where each came from.
import { withFiles } from "../../../shared/live/bus/address.ts";
import { BadInput, didYouMean } from "../../../shared/machine/badInput.ts";
import { parseScenario, readText, type Scenario } from "./scenario.ts";
import { type Given, isRepeatable, type SettingName, settingNames, settings } from "./table.ts";
import { WrongValue } from "./values.ts";

/** Where a value came from: `default` also where it was derived from other values. */
export type Origin = "flag" | "environment" | "scenario" | "default" | "drawn";

export interface Collected {
  readonly given: Given;
  readonly origins: { readonly [Name in SettingName]?: Origin };
  /** What to say of a value that cannot be used after all: where it was given. */
  readonly blame: (name: SettingName, message: string) => BadInput;
}

/** The texts of one setting from one place. */
interface Source {
  readonly origin: Origin;
  readonly file: string;
  readonly place: string;
  readonly texts: readonly string[];
}

export const variableOf = (name: SettingName): string => `QUIESCE_${name.toUpperCase().replaceAll("-", "_")}`;

/** Variables that others than a run's settings listen to. */
const otherVariables: readonly string[] = ["QUIESCE_NATS_SERVER", "QUIESCE_TOKEN"];

/** A misspelt variable would be ignored in silence. One that is like none of ours is somebody else's. */
const refuseMisspeltVariables = (environment: NodeJS.ProcessEnv): void => {
  const known = [...settingNames.map(variableOf), ...otherVariables];
  const tails = known.map((name) => name.slice("QUIESCE_".length));
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith("QUIESCE_") || known.includes(variable)) continue;
    const hint = didYouMean(variable.slice("QUIESCE_".length), tails);
    if (hint !== "") throw new BadInput("", variable, `unknown environment variable${hint.replace('"', '"QUIESCE_')}`);
  }
};

const fromEnvironment = (name: SettingName, environment: NodeJS.ProcessEnv): Source[] => {
  const variable = variableOf(name);
  const value = environment[variable];
  if (value === undefined || value === "") return [];
  const texts = isRepeatable(name) ? value.split(";").map((part) => part.trim()) : [value];
  return [{ origin: "environment", file: "", place: variable, texts }];
};

const fromScenario = (name: SettingName, scenario: Scenario | undefined): Source[] => {
  const written = scenario?.settings.get(name);
  if (scenario === undefined || written === undefined) return [];
  return [{ origin: "scenario", file: scenario.file, place: written.place, texts: written.texts }];
};

const read = (name: SettingName, { file, place, texts }: Source): unknown => {
  const setting = settings[name];
  try {
    const values = texts.map((text) => setting.read(text));
    return isRepeatable(name) ? values : values[0];
  } catch (error) {
    throw error instanceof WrongValue ? new BadInput(file, place, error.message) : error;
  }
};

export type Flags = ReadonlyMap<SettingName, readonly string[]>;

export const collect = (flags: Flags, environment: NodeJS.ProcessEnv, scenario: Scenario | undefined): Collected => {
  refuseMisspeltVariables(environment);
  const given: Partial<Record<SettingName, unknown>> = {};
  const origins: Partial<Record<SettingName, Origin>> = {};
  const places = new Map<SettingName, Source>();
  for (const name of settingNames) {
    const flag = flags.get(name) ?? [];
    const sources = [
      ...(flag.length === 0 ? [] : [{ origin: "flag" as const, file: "", place: `--${name}`, texts: flag }]),
      ...fromEnvironment(name, environment),
      ...fromScenario(name, scenario),
    ];
    // Also what is overruled must be right: wrong input loses nothing, and is not passed over either.
    const values = sources.map((source) => read(name, source));
    const [first] = sources;
    if (first === undefined) continue;
    origins[name] = first.origin;
    places.set(name, first);
    // `set` names many values, each of which the highest place that names it decides: later ones win.
    given[name] = name === "set" ? values.toReversed().flat() : values[0];
  }
  const blame: Collected["blame"] = (name, message) => {
    const { file, place } = places.get(name) ?? { file: "", place: `--${name}` };
    return new BadInput(file, place, message);
  };
  // `read` gives each name a value of its own setting's type.
  return { given: withKeys(given as Given, blame), origins, blame };
};

const keySettings = ["keys", "nkey", "tls-ca"] as const satisfies readonly SettingName[];

/** An address says where, as whom and whom to believe, wherever it goes: what flags say of that becomes part of it. */
const withKeys = ({ keys, nkey, "tls-ca": ca, ...rest }: Given, blame: Collected["blame"]): Given => {
  const [named] = keySettings.filter((_, i) => [keys, nkey, ca][i] !== undefined);
  if (named === undefined) return rest;
  if (rest.nats === undefined) throw blame(named, "is for a server that --nats names");
  return { ...rest, nats: withFiles(rest.nats, { keys, nkey, ca }) };
};

/** With the scenario file of this name. */
export const collectAll = (flags: Flags, environment: NodeJS.ProcessEnv, scenario: string | undefined): Collected =>
  collect(flags, environment, scenario === undefined ? undefined : parseScenario(scenario, readText(scenario)));
