// A sweep's file: settings by their names, each one value or several, and how often to repeat, in YAML or JSON.
import { isMap, isScalar, isSeq, type Node, type Scalar } from "yaml";
import { BadInput, didYouMean } from "../../../shared/machine/badInput.ts";
import { parseFile, readText } from "../settings/scenario.ts";
import { isRepeatable, type SettingName, settingNames } from "../settings/table.ts";
import { alternativesIn, alternativesOf, type Swept, sweptNames, whyNotSwept } from "./axes.ts";

const sweepSchema = "quiesce.sweep/1";

/** What a sweep has beside settings: the same as its flags. */
export const ownNames = ["models", "repeat", "until-ci", "max-repeat", "memory"] as const;

export type OwnName = (typeof ownNames)[number];

/** A text of the sweep's own, and where it was given. */
export interface OwnText {
  readonly text: string;
  readonly file: string;
  readonly place: string;
}

export interface SweepFile {
  readonly swept: readonly Swept[];
  readonly own: ReadonlyMap<OwnName, OwnText>;
}

type Fail = (node: unknown, message: string) => never;

const textOf = (key: string, node: unknown, root: Node, fail: Fail): string => {
  if (!isScalar(node) || node.value === null || typeof node.value === "boolean")
    return fail(node ?? root, `${key}: expected a text, a number or a list of them`);
  // As it was written: 1e3 or 007 must not become something else on the way.
  return typeof node.value === "string" ? node.value : ((node as Scalar).source ?? String(node.value));
};

const known: readonly string[] = [...sweptNames, ...ownNames, "schema"];

const parseSweep = (file: string, source: string): SweepFile => {
  const { document, placeOf } = parseFile(file, source);
  const fail: Fail = (node, message) => {
    throw new BadInput(file, placeOf(node), message);
  };
  const root = document.contents;
  if (!isMap(root)) throw new BadInput(file, "", "is not a sweep: expected settings as `name: value` or `name: [value, value]`");
  const text = (key: string, node: unknown): string => textOf(key, node, root, fail);
  /** The texts of one value: a text, several at once, or `path: value` pairs for `set`. */
  const textsOf = (key: string, node: unknown): readonly string[] => {
    if (key === "set" && isMap(node)) return node.items.map((pair) => `${text(key, pair.key)}=${text(key, pair.value)}`);
    return isSeq(node) ? node.items.map((item) => text(key, item)) : [text(key, node)];
  };
  const swept: Swept[] = [];
  const own = new Map<OwnName, OwnText>();
  for (const { key, value } of root.items) {
    const word = text("a key", key);
    const place = [placeOf(key), word].filter((part) => part !== "").join(", ");
    if (word === "schema") {
      if (text(word, value) !== sweepSchema) fail(value, `schema: expected "${sweepSchema}"`);
      continue;
    }
    const ownName = ownNames.find((name) => name === word);
    if (ownName !== undefined) {
      own.set(ownName, { text: textsOf(word, value).join(","), file, place });
      continue;
    }
    const name = settingNames.find((setting) => setting === word);
    if (name === undefined) return fail(key, `unknown setting "${word}"${didYouMean(word, known)}`);
    const why = whyNotSwept(name);
    if (why !== undefined) return fail(key, `${name}: ${why}`);
    const at = { file, place };
    const alternatives = isSeq(value)
      ? alternativesIn(name, itemsOf(name, value.items, textsOf, fail), at)
      : alternativesOf(name, textsOf(name, value), at);
    if (alternatives.length === 0) fail(value, `${name}: an empty list`);
    swept.push({ name, from: "file", ...at, alternatives });
  }
  return { swept, own };
};

const itemsOf = (
  name: SettingName,
  items: readonly unknown[],
  textsOf: (key: string, node: unknown) => readonly string[],
  fail: Fail,
): ReadonlyArray<readonly string[]> =>
  items.map((item) => {
    if (isSeq(item) && !isRepeatable(name)) fail(item, `${name}: expected a value, not a list in a list`);
    return textsOf(name, item);
  });

export const readSweep = (file: string): SweepFile => parseSweep(file, readText(file));
