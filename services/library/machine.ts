// The machine of a library call: the command line's settings by their names, and models, workloads and patches as data.
import { decodeModel } from "../../shared/consistency/decode.ts";
import type { Model } from "../../shared/consistency/model.ts";
import { decodePatch } from "../../shared/kernel/decode/patch.ts";
import { decodeWorkload } from "../../shared/kernel/decode/workload.ts";
import type { Patch } from "../../shared/kernel/patch.ts";
import type { Workload } from "../../shared/kernel/workload.ts";
import { BadInput, didYouMean } from "../../shared/machine/badInput.ts";
import { collect } from "../cli/settings/collect.ts";
import { type Configuration, configure } from "../cli/settings/configuration.ts";
import type { SettingName } from "../cli/settings/table.ts";

/** Settings that a call has no use for: it runs in virtual time, and writes nothing unasked. */
type Unused = "engine" | "hosts" | "nats" | "out" | "journal";

type Ours = "model" | "workload" | "patch";

const names = [
  "model",
  "leave",
  "switch",
  "cpus",
  "topology",
  "tasks-per-cpu",
  "profile",
  "workload",
  "calls",
  "patch",
  "forced",
  "fault",
  "then",
  "seed",
  "limit",
  "attempts",
  "on-limit",
  "time-limit",
  "mutant",
  "set",
] as const satisfies ReadonlyArray<Exclude<SettingName, Unused>>;

type Name = (typeof names)[number];

/**
 * A machine, and what is to be done on it. Every setting of `quiesce run` under its own name (`cpus`, `fault`, `"time-limit"`), as a number or
 * as the text that the command line takes; a list where it may be repeated. What is left out is as on the command line, but the seed is 1.
 */
export type MachineOptions = { readonly [Key in Exclude<Name, Ours>]?: string | number | readonly string[] } & {
  /** A model that is shipped, by its name, or one of your own. */
  readonly model?: string | Model;
  /** A workload that is shipped, by its name, a file, or one of your own. */
  readonly workload?: string | Workload;
  /** A patch that is shipped, by its name, a file, or one of your own. */
  readonly patch?: string | Patch;
};

/** Checks a consistency model. Throws `BadInput` where its policies do not fit its cell of the grid. */
export const defineModel = (model: Model): Model => decodeModel(JSON.stringify(model), "model");

/** Checks a workload. Throws `BadInput` where a member is missing, unknown or out of bounds. */
export const defineWorkload = (workload: Workload): Workload => decodeWorkload(JSON.stringify(workload), "workload");

/** Checks a patch. Throws `BadInput` where a member is missing, unknown or out of bounds. */
export const definePatch = (patch: Patch): Patch => decodePatch(JSON.stringify(patch), "patch");

const known: ReadonlySet<string> = new Set(names);

const refuseUnknown = (options: MachineOptions): void => {
  for (const name of Object.keys(options)) if (!known.has(name)) throw new BadInput("", name, `no such setting${didYouMean(name, known)}`);
};

const textsOf = (value: string | number | readonly string[]): readonly string[] =>
  typeof value === "object" ? value : [typeof value === "number" ? String(value) : value];

/** What has its form as text. Data is put in its place afterwards. */
const flagsOf = (options: MachineOptions): ReadonlyMap<SettingName, readonly string[]> =>
  new Map(
    names.flatMap((name) => {
      const value = options[name];
      if (value === undefined || (typeof value === "object" && !Array.isArray(value))) return [];
      return [[name, textsOf(value as string | number | readonly string[])] as const];
    }),
  );

const data = <T extends object>(value: string | T | undefined): T | undefined => (typeof value === "object" ? value : undefined);

/** What is behind the options, with every default settled. `few`: how many CPUs where nobody says. */
export const configurationOf = (options: MachineOptions, few?: number): Configuration => {
  refuseUnknown(options);
  const flags = flagsOf({ ...(few !== undefined && { cpus: few }), ...options, seed: options.seed ?? 1 });
  const collected = collect(new Map([...flags, ["engine", ["virtual"]]]), {}, undefined);
  const model = data(options.model);
  const configuration = model === undefined ? configure(collected) : configure(collected, defineModel(model));
  const { setup } = configuration;
  const workload = defineWorkload(data(options.workload) ?? setup.workload);
  const patch = definePatch(data(options.patch) ?? setup.patch);
  const tasksPerCpu = options["tasks-per-cpu"] === undefined ? workload.tasksPerCpu : setup.tasksPerCpu;
  return { ...configuration, setup: { ...setup, workload, patch, tasksPerCpu } };
};
