// Every setting of a run, once: its flag, its environment variable, its key in a scenario file, its help and how it is read.

import type { Leave, OnLimit, Switch } from "../../../shared/consistency/model.ts";
import { defaultModel, models } from "../../../shared/consistency/registry.ts";
import { journalLimits, journalModes } from "../../../shared/journal/entry.ts";
import { defaultPatchId } from "../../../shared/kernel/catalogue.ts";
import { profiles } from "../../../shared/kernel/profiles.ts";
import { hostLimit } from "../../../shared/live/bus/subjects.ts";
import { printRate, rateHint, rateOf } from "../../../shared/load/rate.ts";
import { mutants } from "../../../shared/mutants/registry.ts";
import type { Operation } from "../../../shared/protocol/messages.ts";
import { limits } from "../../../shared/protocol/setup.ts";
import { printTopology, readTopology, type Topology } from "../../../shared/protocol/topology.ts";
import { defaultWorkloadName } from "../../input/inputs.ts";
import { count, duration, type Kind, text, WrongValue, word } from "./values.ts";

export interface Setting<T> extends Kind<T> {
  readonly help: string;
  /** The default as help shows it. */
  readonly usual: string;
  readonly alias?: string;
}

/** A setting that may be given several times. A list given in one place replaces that of a place of lower rank. */
export interface Repeatable<T> extends Setting<T> {
  readonly repeats: true;
}

const once = <T>(kind: Kind<T>, usual: string, help: string, alias?: string): Setting<T> => ({
  ...kind,
  help,
  usual,
  ...(alias !== undefined && { alias }),
});

const often = <T>(kind: Kind<T>, usual: string, help: string): Repeatable<T> => ({ ...kind, help, usual, repeats: true });

/** Any safe integer, so that every printed seed can be given back. */
const seed = count(0, Number.MAX_SAFE_INTEGER);

const operations: readonly Operation[] = ["patch", "unpatch"];

const leaves: readonly Leave[] = ["function", "patched-set", "kernel"];
const switches: readonly Switch[] = ["function", "task", "kernel"];
const onLimits: readonly OnLimit[] = ["abort", "reverse", "force"];

const topology: Kind<Topology> = {
  metavar: "flat|tree:K|numa",
  read: (given) => {
    const read = readTopology(given, limits.cpus);
    if (read !== undefined) return read;
    throw new WrongValue(`"${given}" is not flat, numa, or tree:K with K from 2 to ${limits.cpus}`);
  },
  print: printTopology,
};

const rate: Kind<number> = {
  metavar: "RATE",
  read: (given) => {
    const read = rateOf(given);
    if (read !== undefined) return read;
    throw new WrongValue(`"${given}" is not ${rateHint}`);
  },
  print: printRate,
};

export const defaultProfileName = profiles[0]?.name ?? "";

/** In the order of help. The key is the flag without its dashes, and the key in a scenario file. */
export const settings = {
  engine: once(word(["live", "virtual"]), "live", "real processes over NATS, or virtual time"),
  model: once(word(models.map(({ name }) => name)), defaultModel.name, "consistency model (see `quiesce list models`)", "m"),
  leave: once(word(leaves), "as the model says", "what a task must have left before it may switch"),
  switch: once(word(switches), "as the model says", "what switches as one"),
  cpus: once(count(1, limits.cpus), "8", "simulated CPUs", "c"),
  hosts: once(count(1, hostLimit), "one for each CPU up to 32, else 4", "processes that the CPUs are spread over (live)"),
  topology: once(
    topology,
    "flat",
    "how rounds are asked and answered: straight, by a tree in which each asks at most K (tree:K), or by one CPU a node (numa)",
  ),
  "tasks-per-cpu": once(count(1, limits.tasksPerCpu), "as the workload says", "user tasks on each CPU"),
  profile: once(text("NAME|FILE"), defaultProfileName, "what the hardware costs (see `quiesce list profiles`)"),
  workload: once(text("NAME|FILE"), defaultWorkloadName, "what the tasks do (see `quiesce list workloads`)", "w"),
  calls: once(rate, "as the workload says", "calls with wait between CPUs, a second of the whole machine"),
  reschedules: once(rate, "none", "reschedule interrupts between CPUs, that nobody waits for, a second of the whole machine"),
  patch: once(text("ID|FILE"), defaultPatchId, "the patch (see `quiesce list patches`)", "p"),
  forced: often(text("FUNCTION"), "none", "a function of the patch that stack checks pass over, where the model lets them (repeatable)"),
  fault: often(text("FAULT"), "none", "a fault, like 'drop 10% of ack' (repeatable; see `quiesce list faults`)"),
  // biome-ignore lint/suspicious/noThenProperty: the flag is called so, and nobody awaits the table.
  then: often(word(operations), "nothing", "a further operation after the patch (repeatable, in order)"),
  seed: once(seed, "drawn, and printed first", "what all chance comes from", "s"),
  limit: once(duration, "as the model says", "from opening an epoch to what --on-limit says"),
  attempts: once(count(1, limits.attempts), "as the model says", "epochs tried before giving up"),
  "on-limit": once(
    word(onLimits),
    "as the model says",
    "what to do at the limit: a stop can only abort; a transition can force, or go back, which abort and reverse both mean",
  ),
  "time-limit": once(duration, "120s", "when faults are switched off, so that the run must end"),
  journal: once(
    word(journalModes),
    `full up to ${journalLimits.fullEntries} entries, then facts`,
    `what is written down of the run; "full" by name has no limit in virtual time, and ${journalLimits.liveEntries} entries live`,
  ),
  mutant: once(
    word(
      mutants.map(({ name }) => name),
      "NAME",
    ),
    "none: every rule is kept",
    "machines with one rule replaced (see `quiesce list mutants`)",
  ),
  nats: once(text("URL"), "a server of its own", "address of a NATS server (live)"),
  keys: once(text("DIR"), "none", "folder of keys for that server, as `quiesce keys` makes it: each process takes its own from it"),
  nkey: once(text("FILE"), "none", "file of the seed that every process shows to that server"),
  "tls-ca": once(text("FILE"), "that of --keys, or those the system trusts", "file of the authority that vouches for that server"),
  out: once(text("DIR"), "runs", "where run folders are made"),
  set: often(text("PATH=VALUE"), "nothing", "any value of the setup, like profile.tickNs=1000000 (repeatable)"),
} satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingName = keyof typeof settings;

export const settingNames = Object.keys(settings) as readonly SettingName[];

export const isRepeatable = (name: SettingName): boolean => "repeats" in settings[name];

type ValueOf<S> = S extends Repeatable<infer T> ? readonly T[] : S extends Setting<infer T> ? T : never;

/** What was given, by name; what nobody gave is not there. */
export type Given = { readonly [Name in SettingName]?: ValueOf<(typeof settings)[Name]> };
