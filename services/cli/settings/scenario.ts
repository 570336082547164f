// A scenario file: settings by their names, in YAML or JSON (which is YAML).
import { type ErrorCode, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from "yaml";
import { BadInput, didYouMean } from "../../../shared/machine/badInput.ts";
import { readTextFile } from "../../input/textFile.ts";
import { isRepeatable, type SettingName, settingNames } from "./table.ts";

const scenarioSchema = "quiesce.scenario/1";

/** A megabyte of settings is a wrong file. */
const largestBytes = 1 << 20;

/** The texts of one setting, and where in the file they stand. */
export interface Written {
  readonly texts: readonly string[];
  readonly place: string;
}

export interface Scenario {
  readonly file: string;
  readonly settings: ReadonlyMap<SettingName, Written>;
}

/** A scenario with what its verb has beside settings. */
export interface Study extends Scenario {
  readonly own: ReadonlyMap<string, Written>;
}

/** A kind of scenario: what a verb has beside settings, each of which may be one text or several. */
export interface ScenarioKind {
  readonly schema: string;
  readonly own: readonly string[];
}

const plain: ScenarioKind = { schema: scenarioSchema, own: [] };

export const readText = (file: string, most: number = largestBytes): string => readTextFile(file, most);

/** Problems of which the parser speaks as of its own inside. */
const readable: Readonly<Partial<Record<ErrorCode, string>>> = {
  MULTIPLE_DOCS: "a second document begins here, and one is all that a file may be",
  RESOURCE_EXHAUSTION: "is nested too deeply",
};

/** A file of our own kinds as data, with the places of its keys. */
export const parseFile = (file: string, source: string) => {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  const lineAt = (offset: number): string => `line ${lines.linePos(offset).line}`;
  if (problem !== undefined) throw new BadInput(file, lineAt(problem.pos[0]), readable[problem.code] ?? problem.message);
  const placeOf = (node: unknown): string => {
    const { range } = node as Node;
    return range ? lineAt(range[0]) : "";
  };
  return { document, placeOf };
};

/** All of a file of our own kinds as one value. What names itself again and again until it is immense is none. */
export const plainValue = (file: string, source: string): unknown => {
  try {
    return parseFile(file, source).document.toJS();
  } catch (error) {
    throw error instanceof BadInput ? error : new BadInput(file, "", (error as Error).message);
  }
};

export const parseScenario = (file: string, source: string, kind: ScenarioKind = plain): Study => {
  const { document, placeOf } = parseFile(file, source);
  const fail = (node: unknown, message: string): never => {
    throw new BadInput(file, placeOf(node), message);
  };
  const root = document.contents;
  if (!isMap(root)) throw new BadInput(file, "", "is not a scenario: expected settings as `name: value`");
  const settings = new Map<SettingName, Written>();
  const own = new Map<string, Written>();
  const textOf = (key: string, node: unknown): string => {
    if (!isScalar(node) || node.value === null || typeof node.value === "boolean")
      return fail(node ?? root, `${key}: expected a text or a number`);
    // As it was written: 1e3 or 007 must not become something else on the way.
    return typeof node.value === "string" ? node.value : ((node as Scalar).source ?? String(node.value));
  };
  for (const { key, value } of root.items) {
    const word = textOf("a key", key);
    if (word === "schema") {
      if (textOf(word, value) !== kind.schema) fail(value, `schema: expected "${kind.schema}"`);
      continue;
    }
    const place = [placeOf(key), word].filter((part) => part !== "").join(", ");
    if (kind.own.includes(word)) {
      own.set(word, { texts: isSeq(value) ? value.items.map((item) => textOf(word, item)) : [textOf(word, value)], place });
      continue;
    }
    const name = settingNames.find((known) => known === word);
    if (name === undefined) return fail(key, `unknown setting "${word}"${didYouMean(word, [...settingNames, ...kind.own, "schema"])}`);
    settings.set(name, { texts: textsOf(name, value, textOf, fail), place });
  }
  return { file, settings, own };
};

type Fail = (node: unknown, message: string) => never;

/** One text, a list of them where a setting may repeat, or `path: value` pairs for `set`. */
const textsOf = (name: SettingName, value: unknown, textOf: (key: string, node: unknown) => string, fail: Fail): readonly string[] => {
  if (name === "set" && isMap(value)) return value.items.map((pair) => `${textOf(name, pair.key)}=${textOf(name, pair.value)}`);
  if (!isSeq(value)) return [textOf(name, value)];
  return isRepeatable(name) ? value.items.map((item) => textOf(name, item)) : fail(value, `${name}: expected one value, not a list`);
};
