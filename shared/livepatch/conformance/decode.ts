// Reads a file of selftest cases: whatever it says becomes cases, or one message.
//
// A word that is nearly a known one is a slip and refuses the file. A word that is near none is taken for a part of a newer suite: its
// case says so and is not run, and the others are.
import { integer, json, list, type Member, object, type Place, text } from "../../kernel/decode/checks.ts";
import { BadInput, didYouMean } from "../../machine/badInput.ts";
import { nearest } from "../../machine/spelling.ts";
import { type Case, type Count, type Step, waits } from "./case.ts";

/** Limits of a file: a hundred times the whole suite. */
export const caseLimits = { bytes: 16_000_000, cases: 10_000, steps: 1_000, lines: 10_000 } as const;

class Unsupported extends Error {
  override readonly name = "Unsupported";
}

const inside = (place: Place, key: string): Place => ({ ...place, path: place.path === "" ? key : `${place.path}.${key}` });

const unknown = (place: Place, what: string, word: string, known: readonly string[]): never => {
  const message = `unknown ${what} "${word}"`;
  if (nearest(word, known) === undefined) throw new Unsupported(`${place.path}: ${message}`);
  throw new BadInput(place.file, place.path, `${message}${didYouMean(word, known)}; known: ${known.join(", ")}`);
};

const line = text(10_000);

const plain: Member<string> = (value, place) =>
  value === "" ? "" : typeof value === "number" || typeof value === "boolean" ? String(value) : line(value, place);

const yes: Member<boolean> = (value, place) => {
  if (typeof value === "boolean") return value;
  throw new BadInput(place.file, place.path, "expected true or false");
};

const oneOf =
  <T extends string>(what: string, words: readonly T[]): Member<T> =>
  (value, place) =>
    words.find((known) => known === value) ?? unknown(place, what, line(value, place), words);

const params: Member<Readonly<Record<string, string>>> = (value, place) => {
  const names = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  return object<Record<string, string>>(value, place, Object.fromEntries(names.map((name) => [name, plain])));
};

const names: Member<readonly string[]> = (value, place) =>
  Array.isArray(value) ? list(line, 1, 1_000)(value, place) : [line(value, place)];

const count: Member<Count> = (value, place) => {
  if (typeof value === "number") return { of: integer(1, 1_000)(value, place), most: value };
  const said = line(value, place).replaceAll(" ", "");
  const least = /^min\(onlineCpus,(\d{1,6})\)$/.exec(said);
  if (least !== null) return { of: "onlineCpus", most: Number(least[1]) };
  return said === "onlineCpus" ? { of: "onlineCpus", most: Infinity } : unknown(place, "count", said, ["onlineCpus"]);
};

/** One member of a step: how it is read, what else it may be called, and what it is when it is left out (undefined: it may not be). */
interface Field {
  readonly read: Member<unknown>;
  readonly also?: readonly string[];
  readonly otherwise?: unknown;
}

const required = (read: Member<unknown>, ...also: readonly string[]): Field => ({ read, also });
const optional = (read: Member<unknown>, otherwise: unknown = null, ...also: readonly string[]): Field => ({ read, also, otherwise });

interface Known {
  readonly modules: readonly string[];
  readonly systemCalls: readonly string[];
}

type Fields = Readonly<Record<string, Field>>;

const fieldsOf = ({ modules, systemCalls }: Known): { readonly [K in Step["op"]]: Fields } => {
  const module = required(oneOf("module", modules));
  const wait = optional(oneOf("wait", waits));
  const mustFail = optional(yes, false);
  const value = required(plain);
  const path = required(line);
  /** The behaviour of tasks is told in words: the call that they make is one of them. */
  const calls: Member<string> = (said, place) => {
    const words = line(said, place).split(/\W+/);
    return systemCalls.find((call) => words.includes(call)) ?? unknown(place, "behaviour", words.join(" "), systemCalls);
  };
  const attribute: Fields = { patch: module, attr: required(plain), value };
  return {
    insmod: { module, params: optional(params, {}), wait, mustFail },
    rmmod: { module, precondition: optional(oneOf("precondition", ["refcnt==0"])) },
    writeEnabled: { patch: module, value, wait, mustFail },
    // The value holds as soon as it is written, whatever is said of a wait for it.
    writeParam: { module: { ...module, also: ["patch"] }, param: required(line, "parameter", "name"), value, wait: optional(line) },
    assertRead: { file: path, equals: optional(plain), differsFrom: optional(plain), contains: optional(line) },
    waitRead: { file: path, equals: required(plain, "value") },
    readIntoLog: { file: path, onlyIfContains: optional(line) },
    readAndLogIfEqual: {
      file: path,
      equals: required(plain, "equal", "expected", "onlyIfEquals", "ifEquals", "value"),
      // The suite has but one such line.
      text: optional(line, "livepatch: ok", "log", "logs", "line", "logLine", "logText", "thenLog", "message"),
    },
    waitSysfs: attribute,
    assertSysfsValue: attribute,
    assertSysfsMode: { patch: module, attr: required(plain), mode: required(line) },
    assertPatchDirCount: { value: required(integer(0, 1_000), "count") },
    waitPatchDirCount: { value: required(integer(0, 1_000), "count") },
    setFtraceEnabled: { value, mustFail },
    ftraceFunction: { function: required(names, "functions", "name", "symbol") },
    assertTraced: { function: required(names, "functions", "name", "symbol") },
    enableKprobes: { value: optional(plain) },
    killTasks: {},
    spawnTasks: { count: required(count), calls: required(calls, "behaviour") },
    logLine: { text: required(line, "line") },
  };
};

/** What may be said about a step. */
const remarks = ["note", "comment", "why"];

const stepWith = (known: Known): Member<Step> => {
  const shapes = fieldsOf(known);
  return (value, place) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new BadInput(place.file, place.path, "expected an object");
    const given = value as Readonly<Record<string, unknown>>;
    const op = oneOf("operation", Object.keys(shapes) as ReadonlyArray<Step["op"]>)(given.op, inside(place, "op"));
    const fields = Object.entries(shapes[op]);
    const spellings = ["op", ...remarks, ...fields.flatMap(([name, { also }]) => [name, ...(also ?? [])])];
    for (const key of Object.keys(given)) if (!spellings.includes(key)) unknown(inside(place, key), "field", key, spellings);
    const read = fields.map(([name, field]) => [name, memberOf(given, name, field, place)]);
    return { op, ...Object.fromEntries(read) } as Step;
  };
};

const memberOf = (given: Readonly<Record<string, unknown>>, name: string, { read, also, otherwise }: Field, place: Place): unknown => {
  const key = [name, ...(also ?? [])].find((spelling) => Object.hasOwn(given, spelling));
  const isLeftOut = key === undefined || (given[key] === null && otherwise !== undefined);
  if (!isLeftOut) return read(given[key], inside(place, key));
  if (otherwise === undefined) throw new BadInput(place.file, place.path, `"${name}" is missing`);
  return otherwise;
};

/** The members of a case. All but four are remarks, and so is whatever else is there, unless it is nearly one of these. */
const members = ["id", "title", "steps", "expected", "file", "since", "scenario", "note", "reproducible", "origin"];

/** Who prints each of the lines expected, if it is told. */
const checkOrigin = (origin: unknown, lines: number, place: Place): void => {
  if (origin === undefined || origin === null) return;
  const told = list(line, 0, caseLimits.lines)(origin, inside(place, "origin")).length;
  if (told !== lines) throw new BadInput(place.file, `${place.path}.origin`, `tells of ${told} lines where ${lines} are expected`);
};

/** A case is asked for by its id. */
const checkIds = (cases: readonly Case[], { file, path }: Place): void =>
  cases.forEach(({ id }, index) => {
    const first = cases.findIndex((other) => other.id === id);
    if (first !== index) throw new BadInput(file, `${path}[${index}].id`, `"${id}" is the id of ${path}[${first}] already`);
  });

const caseWith =
  (known: Known): Member<Case> =>
  (value, place) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new BadInput(place.file, place.path, "expected an object");
    const given = value as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(given)) {
      if (!members.includes(key) && nearest(key, members) !== undefined) unknown(inside(place, key), "field", key, members);
    }
    const [id, title, expected] = [required(text(100)), required(line), required(list(plain, 0, caseLimits.lines))];
    const told = {
      id: memberOf(given, "id", id, place) as string,
      title: memberOf(given, "title", title, place) as string,
      expected: memberOf(given, "expected", expected, place) as readonly string[],
    };
    checkOrigin(given.origin, told.expected.length, place);
    try {
      const steps = required(list(stepWith(known), 0, caseLimits.steps));
      return { ...told, steps: memberOf(given, "steps", steps, place) as readonly Step[], unsupported: null };
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      return { ...told, steps: [], unsupported: error.message };
    }
  };

/** The cases that `source` (JSON) describes; `file` is what a message names. */
export const decodeCases = (source: string, file: string, known: Known): readonly Case[] => {
  const place = { file, path: "cases" };
  const cases = list(caseWith(known), 1, caseLimits.cases)(json(source, file), place);
  checkIds(cases, place);
  return cases;
};
