// A module in memory: its parameters, its code, what it waits for, and who holds on to it.
import { failed, type Result } from "./errno.ts";
import type { Code } from "./functions.ts";
import type { ModuleSpec, Parameter } from "./module.ts";
import type { Patch } from "./patch.ts";
import type { Task } from "./task.ts";

export type ModuleState = "live" | "coming" | "going";

/** As the callbacks of the tests word them. */
const stateTexts: Readonly<Record<ModuleState, string>> = {
  live: "[MODULE_STATE_LIVE] Normal state",
  coming: "[MODULE_STATE_COMING] Full formed, running module_init",
  going: "[MODULE_STATE_GOING] Going away",
};

export interface LoadedModule {
  readonly spec: ModuleSpec;
  readonly codes: ReadonlyMap<string, Code>;
  readonly parameters: Map<string, string>;
  /** What has been completed. */
  readonly completed: Set<string>;
  /** Its work that is not over yet. */
  readonly work: Set<Task>;
  state: ModuleState;
  /** How many hold on to it: it cannot be removed meanwhile. */
  refcount: number;
  patch: Patch | null;
}

export const load = (spec: ModuleSpec): LoadedModule => ({
  spec,
  codes: new Map(Object.entries(spec.functions ?? {}).map(([name, body]) => [name, { owner: spec.name, name, spec: body } satisfies Code])),
  parameters: new Map(Object.entries(spec.parameters ?? {}).map(([name, { initial }]) => [name, initial])),
  completed: new Set(),
  work: new Set(),
  state: "coming",
  refcount: 0,
  patch: null,
});

export const stateText = ({ spec, state }: LoadedModule): string => `${spec.name} -> ${stateTexts[state]}`;

const trueWords: readonly string[] = ["y", "Y", "t", "T", "1", "on", "true", "yes"];
const falseWords: readonly string[] = ["n", "N", "f", "F", "0", "off", "false", "no"];

/** What a parameter reads as after this was written to it; undefined if it is no value of its type (kstrtobool, kstrtoint). */
const normal = (type: Parameter["type"], value: string): string | undefined => {
  switch (type) {
    case "bool":
      return trueWords.includes(value) ? "Y" : falseWords.includes(value) ? "N" : undefined;
    case "int":
      return /^[+-]?\d{1,10}$/.test(value) ? String(Number(value)) : undefined;
    case "int list":
      return /^-?\d{1,10}(,-?\d{1,10})*$/.test(value) ? value : undefined;
  }
};

export const setParameter = (module: LoadedModule, name: string, value: string): Result => {
  const parameter = module.spec.parameters?.[name];
  // The kernel loads a module with a parameter that it does not know, and only says so in the log.
  if (parameter === undefined) return 0;
  const read = normal(parameter.type, value);
  if (read === undefined) return failed("EINVAL");
  module.parameters.set(name, read);
  return 0;
};

export const parameterOf = (module: LoadedModule, name: string): string => {
  const value = module.parameters.get(name);
  if (value === undefined) throw new Error(`${module.spec.name} has no parameter ${name}`);
  return value;
};

export const isSet = (module: LoadedModule, name: string): boolean => parameterOf(module, name) === "Y";

export const numbersOf = (module: LoadedModule, name: string): readonly number[] =>
  parameterOf(module, name)
    .split(",")
    .filter((part) => part !== "")
    .map(Number);

export const codeOf = (module: LoadedModule, name: string): Code => {
  const code = module.codes.get(name);
  if (code === undefined) throw new Error(`${module.spec.name} has no function ${name}`);
  return code;
};
