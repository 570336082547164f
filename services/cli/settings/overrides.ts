// Changes any one value of the setup (`--set path=value`), where the path is one that is there and the value of the same type.
import { type BadInput, didYouMean } from "../../../shared/machine/badInput.ts";

type Values = Record<string, unknown>;

const isValues = (value: unknown): value is Values => typeof value === "object" && value !== null;

/** Nothing stands for a value of a type that only the checks of the whole know, and any value may give way to nothing. */
const readAs = (text: string, present: unknown): unknown => {
  if (typeof present === "string") return text;
  const value: unknown = /^(-?\d[\d_]*(\.\d+)?(e\d+)?|true|false|null)$/i.test(text)
    ? JSON.parse(text.replaceAll("_", "").toLowerCase())
    : undefined;
  return value === null || present === null || typeof value === typeof present ? value : undefined;
};

/** What makes a model or a patch the one that it is: monitors and summaries go by these, so that a change would make them lie. */
const chosenBy = new Map([
  ["model.name", "model"],
  ["model.leave", "leave"],
  ["model.switch", "switch"],
  ["patch.id", "patch"],
]);

/** Changes `values` in place. `fail` says where the text came from. */
export const override = (values: Values, text: string, fail: (message: string) => BadInput): void => {
  const split = text.indexOf("=");
  if (split <= 0) throw fail(`"${text}" is not PATH=VALUE (like profile.tickNs=1000000)`);
  const keys = text.slice(0, split).trim().split(".");
  const given = text.slice(split + 1).trim();
  const chooser = chosenBy.get(keys.join("."));
  if (chooser !== undefined) throw fail(`"${keys.join(".")}" cannot be set: it is chosen with --${chooser}`);
  let at = values;
  for (const [depth, key] of keys.entries()) {
    const path = keys.slice(0, depth + 1).join(".");
    if (!Object.hasOwn(at, key)) {
      const known = Object.keys(at).map((name) => [...keys.slice(0, depth), name].join("."));
      throw fail(`unknown path "${path}"${didYouMean(path, known)}; known there: ${Object.keys(at).join(", ")}`);
    }
    const present = at[key];
    if (depth < keys.length - 1) {
      if (!isValues(present)) throw fail(`"${path}" is one value: nothing is below it`);
      at = present;
      continue;
    }
    if (isValues(present)) throw fail(`"${path}" is not one value: below it are ${Object.keys(present).join(", ")}`);
    const value = readAs(given, present);
    if (value === undefined)
      throw fail(`${path}: "${given}" is not a ${present === null ? "number" : typeof present}, as ${JSON.stringify(present)} is`);
    at[key] = value;
  }
};
