// The settings of an experiment, as the address of the page has them: by the names that flags of the command line have.
import { goTo, route } from "../route.ts";

export type Settings = ReadonlyMap<string, readonly string[]>;

export const settingsIn = (query: URLSearchParams): Settings =>
  new Map([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));

export const queryOf = (settings: Settings): string =>
  new URLSearchParams([...settings].flatMap(([name, values]) => values.map((value) => [name, value]))).toString();

/** What is empty is not set. */
export const withSetting = (settings: Settings, name: string, values: readonly string[]): Settings => {
  const changed = new Map(settings);
  const given = values.filter((value) => value !== "");
  if (given.length === 0) changed.delete(name);
  else changed.set(name, given);
  return changed;
};

export const addressWith = (view: string, settings: Settings): string => `#/${view}?${queryOf(settings)}`;

/** The view stays, and the browser's way back leads to the settings before. */
export const change = (settings: Settings): void => goTo(addressWith(route.value.view, settings));
