// Reads a module file: whatever it says becomes a `ModuleSpec`, or one message.
import { flag, integer, json, list, type Member, object, type Place, text, word } from "../kernel/decode/checks.ts";
import type { Action, Callbacks, FileSpec, FunctionSpec, ModuleSpec, Parameter, PatchedObjectSpec, PatchSpec } from "./module.ts";

const name = text(256);
const line = text(1_000);
const stateId = integer(0, Number.MAX_SAFE_INTEGER);

/** Any names, each with a value of the same kind. */
const named =
  <T>(read: Member<T>): Member<Readonly<Record<string, T>>> =>
  (value, place) => {
    const names = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
    return object<Record<string, T>>(value, place, Object.fromEntries(names.map((key) => [key, read])));
  };

const orNull =
  <T>(read: Member<T>): Member<T | null> =>
  (value, place) =>
    value === null ? null : read(value, place);

/** The members of each kind of action besides `do`, and those of them that may be left out. */
const shapes: {
  readonly [K in Action["do"]]: readonly [members: Readonly<Record<string, Member<unknown>>>, optional?: readonly string[]];
} = {
  print: [{ text: line }],
  "fail-with": [{ parameter: name }],
  "if-earlier-state": [
    { state: stateId, present: (value, place) => actions(value, place), absent: (value, place) => actions(value, place) },
  ],
  "log-level": [{ step: word(["allocate", "set", "take-over", "restore", "free"]), state: stateId }],
  "strike-pid": [{ parameter: name }],
  "start-work": [{ function: name }],
  "flush-work": [{ unless: name }, ["unless"]],
  complete: [{ completion: name }],
  await: [{ completion: name }],
  "sleep-while": [{ parameter: name, ns: integer(1, 60_000_000_000) }],
  "set-parameter": [{ parameter: name, value: line }],
  "add-kprobe": [{ function: name, postHandler: name }],
  "remove-kprobe": [{ function: name }],
  "name-pointer": [{ pointer: name }],
  "shadow-get": [{ of: name, id: name, expect: orNull(name) }],
  "shadow-alloc": [{ of: name, id: name, data: name, expect: name }, ["expect"]],
  "shadow-get-or-alloc": [{ of: name, id: name, data: name, expect: name }, ["expect"]],
  "shadow-free": [{ of: name, id: name }],
  "shadow-free-all": [{ id: name }],
};

const kinds = Object.keys(shapes) as ReadonlyArray<Action["do"]>;

const action: Member<Action> = (value, place) => {
  const given = typeof value === "object" && value !== null && "do" in value ? value.do : undefined;
  // Which members there may be depends on the kind, so that comes first; without one, the whole is refused below.
  const kind = given === undefined ? "print" : word(kinds)(given, { ...place, path: `${place.path}.do` });
  const [members, optional] = shapes[kind];
  return object<Record<string, unknown>>(value, place, { do: word([kind]), ...members }, optional) as Action;
};

const actions: Member<readonly Action[]> = list(action, 0, 1_000);

const parameter: Member<Parameter> = (value, place) =>
  object<Parameter>(value, place, {
    type: word(["int", "bool", "int list"]),
    initial: (given, at) => (given === "" ? "" : text(100)(given, at)),
    writable: flag,
  });

const functionSpec: Member<FunctionSpec> = (value, place) =>
  object<Required<FunctionSpec>>(value, place, { shows: line, does: actions }, ["shows", "does"]);

const file: Member<FileSpec> = (value, place) =>
  object<{ function: string; counts: string }>(value, place, { function: name, counts: name }, ["function", "counts"]);

const callbacks: Member<Callbacks> = (value, place) =>
  object<Required<Callbacks>>(
    value,
    place,
    { "pre-patch": actions, "post-patch": actions, "pre-unpatch": actions, "post-unpatch": actions },
    ["pre-patch", "post-patch", "pre-unpatch", "post-unpatch"],
  );

const patchedObject: Member<PatchedObjectSpec> = (value, place) =>
  object<Required<PatchedObjectSpec>>(
    value,
    place,
    {
      object: name,
      functions: list((inner, at) => object<PatchedObjectSpec["functions"][number]>(inner, at, { old: name, new: name }), 0, 10_000),
      callbacks,
    },
    ["callbacks"],
  );

const replace: Member<PatchSpec["replace"]> = (value, place) =>
  typeof value === "boolean" ? value : object<{ parameter: string }>(value, place, { parameter: name });

const patch: Member<PatchSpec> = (value, place) =>
  object<Required<PatchSpec>>(
    value,
    place,
    {
      replace,
      objects: list(patchedObject, 1, 1_000),
      states: list((inner, at) => object<{ id: number; version: number }>(inner, at, { id: stateId, version: stateId }), 0, 1_000),
    },
    ["states"],
  );

const module = (value: unknown, place: Place): ModuleSpec =>
  object<Required<ModuleSpec>>(
    value,
    place,
    {
      schema: word(["quiesce.module/1"]),
      name,
      title: line,
      source: text(2_000),
      parameters: named(parameter),
      functions: named(functionSpec),
      files: named(file),
      systemCalls: named(name),
      patch,
      init: actions,
      exit: actions,
    },
    ["parameters", "functions", "files", "systemCalls", "patch", "init", "exit"],
  );

/** The module that `source` (JSON) describes; `file` is what a message names. */
export const decodeModule = (source: string, from: string): ModuleSpec => module(json(source, from), { file: from, path: "" });
