// The configuration of one run: every value settled, with where it came from.
import { randomInt } from "node:crypto";
import { decodeModel } from "../../../shared/consistency/decode.ts";
import type { Model } from "../../../shared/consistency/model.ts";
import type { Engine, JournalMode } from "../../../shared/journal/entry.ts";
import { defaultPatchId } from "../../../shared/kernel/catalogue.ts";
import { decodePatch } from "../../../shared/kernel/decode/patch.ts";
import { decodeProfile } from "../../../shared/kernel/decode/profile.ts";
import { decodeWorkload, workloadLimits } from "../../../shared/kernel/decode/workload.ts";
import { functionsOf, type Patch } from "../../../shared/kernel/patch.ts";
import type { Profile } from "../../../shared/kernel/profile.ts";
import type { Workload } from "../../../shared/kernel/workload.ts";
import { printRate } from "../../../shared/load/rate.ts";
import { BadInput, didYouMean } from "../../../shared/machine/badInput.ts";
import type { CpuSet } from "../../../shared/machine/cpuSet.ts";
import { groundOf } from "../../../shared/mutants/mutant.ts";
import { mutantNamed } from "../../../shared/mutants/registry.ts";
import { printFault } from "../../../shared/nemesis/grammar.ts";
import { type Plan, planOf } from "../../../shared/nemesis/plan.ts";
import type { Fault } from "../../../shared/nemesis/registry.ts";
import type { Operation } from "../../../shared/protocol/messages.ts";
import type { Resend, Setup } from "../../../shared/protocol/setup.ts";
import { limits } from "../../../shared/protocol/setup.ts";
import { flat, levelsOf, type Topology } from "../../../shared/protocol/topology.ts";
import { defaultWorkloadName, readPatch, readProfile, readWorkload } from "../../input/inputs.ts";
import type { Collected, Origin } from "./collect.ts";
import { modelOf } from "./model.ts";
import { override } from "./overrides.ts";
import { defaultProfileName, type Given, type SettingName, settingNames } from "./table.ts";

export interface Configuration {
  readonly engine: Engine;
  readonly setup: Setup;
  readonly plan: Plan;
  /** Processes that the CPUs are spread over; 0 in virtual time. */
  readonly hosts: number;
  readonly timeLimitNs: number;
  readonly eventLimit: number;
  readonly journal: JournalMode;
  /** True if a full journal may grow as far as its engine can take it, because it was asked for by name. */
  readonly journalAll: boolean;
  readonly natsUrl: string | null;
  readonly out: string;
  readonly given: Given;
  readonly origins: Readonly<Record<SettingName, Origin>>;
}

const secondNs = 1_000_000_000;

/** Twenty thousand events a CPU and operation, and twenty a call, are far beyond any run that makes progress. */
const eventLimitOf = ({ cpus, operations, workload, reschedulesPerSecond = 0 }: Setup, timeLimitNs: number): number =>
  Math.min(
    2e10,
    20_000 * (cpus + 50) * operations.length +
      Math.ceil((20 * (workload.crossCalls.perSecond + reschedulesPerSecond) * cpus * timeLimitNs) / secondNs),
  );

/** Live, what a busy host and coordinator need for each CPU of a round (measured: 20 to 50 us with its journal). */
const liveNsPerCpu = 50_000;

/** Live, what a frame to another host takes there and back, four times, for combiners wait for a quarter of the first pause. */
const liveNsPerLevel = 8_000_000;

/** Not before a broadcast and its answers have had the time to pass the coordinator, and each level of combiners. */
const resendOf = (engine: Engine, cpus: number, { sendNs, receiveNs, ipiNs, cpusPerSocket }: Profile, topology: Topology): Resend => {
  const live = engine === "live";
  const levels = levelsOf(topology, cpusPerSocket, cpus);
  const firstNs = live
    ? 25_000_000 + cpus * liveNsPerCpu + levels * liveNsPerLevel
    : 200_000 + cpus * 2 * (sendNs + receiveNs) + levels * 2 * 4 * (ipiNs.far + ipiNs.jitter);
  return { firstNs, capNs: Math.max(live ? 400_000_000 : 20_000_000, firstNs) };
};

const operationsOf = ({ given, blame }: Collected): readonly Operation[] => {
  const operations: Operation[] = ["patch", ...(given.then ?? [])];
  if (operations.length > limits.operations) throw blame("then", `${operations.length} operations, more than ${limits.operations}`);
  const twice = operations.findIndex((operation, index) => operation === operations[index - 1]);
  if (twice > 0)
    throw blame("then", `"${operations[twice]}" directly after "${operations[twice]}": there is nothing left to ${operations[twice]}`);
  return operations;
};

/** What a reader says of a name or file, with the place in front where it was given. */
const placed = <T>({ blame }: Collected, name: SettingName, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw error instanceof BadInput ? blame(name, error.message) : error;
  }
};

/** The patch with the functions that were marked as forced, which must be its own. */
const patchOf = (collected: Collected): Patch => {
  const { given, blame } = collected;
  const patch = placed(collected, "patch", () => readPatch(given.patch ?? defaultPatchId));
  const functions = functionsOf(patch);
  for (const name of given.forced ?? []) {
    if (functions.includes(name)) continue;
    throw blame("forced", `"${name}" is no function of ${patch.id}${didYouMean(name, functions)}; it has ${functions.join(", ")}`);
  }
  return given.forced === undefined ? patch : { ...patch, forced: [...new Set(given.forced)] };
};

type Overridable = Pick<Setup, "model" | "workload" | "profile" | "patch" | "resend" | "bootLimitNs">;

/** The values with those changed that `--set` names. Without it they are the very ones that were read, and runs can share what is made of them. */
const overridden = (collected: Collected, values: Overridable): Overridable => {
  const { given, blame } = collected;
  if (given.set === undefined) return values;
  // A copy, because what was read may be shared, and read again, because no change may make it what no file could be.
  const changed: Overridable & Record<string, unknown> = structuredClone({ ...values });
  for (const text of given.set) override(changed, text, (message) => blame("set", message));
  const { resend, bootLimitNs } = changed;
  if (!(resend.firstNs >= 1 && resend.capNs >= resend.firstNs)) throw blame("set", "resend.firstNs must be from 1 to resend.capNs");
  if (!Number.isSafeInteger(bootLimitNs) || bootLimitNs < 1) throw blame("set", `bootLimitNs: ${bootLimitNs} is not a whole number from 1`);
  return {
    resend,
    bootLimitNs,
    model: placed(collected, "set", () => decodeModel(JSON.stringify(changed.model), "model")),
    patch: placed(collected, "set", () => decodePatch(JSON.stringify(changed.patch), "patch")),
    workload: placed(collected, "set", () => decodeWorkload(JSON.stringify(changed.workload), "workload")),
    profile: placed(collected, "set", () => decodeProfile(JSON.stringify(changed.profile), "profile")),
  };
};

/** A rate of the whole machine as that of each of its CPUs. */
const perCpu = ({ given, blame }: Collected, name: "calls" | "reschedules", cpus: number): number | undefined => {
  const rate = given[name];
  if (rate === undefined) return undefined;
  if (cpus < 2) throw blame(name, "a machine of one CPU has nobody to call");
  const perSecond = rate / cpus;
  if (perSecond > workloadLimits.perSecond)
    throw blame(name, `${printRate(perSecond)} of each of ${cpus} CPUs, more than ${printRate(workloadLimits.perSecond)}`);
  return perSecond;
};

const reschedulesOf = (collected: Collected, cpus: number): Pick<Setup, "reschedulesPerSecond"> => {
  const reschedulesPerSecond = perCpu(collected, "reschedules", cpus);
  return reschedulesPerSecond === undefined ? {} : { reschedulesPerSecond };
};

/** The workload, and calls as often as the settings say, shared out among its CPUs. */
const workloadOf = (collected: Collected, cpus: number): Workload => {
  const { given } = collected;
  const workload = placed(collected, "workload", () => readWorkload(given.workload ?? defaultWorkloadName));
  const perSecond = perCpu(collected, "calls", cpus);
  if (perSecond === undefined) return workload;
  return { ...workload, crossCalls: { perSecond } };
};

const setupOf = (collected: Collected, model: Model, engine: Engine, seed: number): Setup => {
  const { given } = collected;
  const profile = placed(collected, "profile", () => readProfile(given.profile ?? defaultProfileName));
  const cpus = given.cpus ?? 8;
  const workload = workloadOf(collected, cpus);
  const topology = given.topology ?? flat;
  // Settings have changed the model too; what was read has been checked.
  placed(collected, "set", () => decodeModel(JSON.stringify(model), "model"));
  const values = overridden(collected, {
    model,
    workload,
    profile,
    patch: patchOf(collected),
    resend: resendOf(engine, cpus, profile, topology),
    bootLimitNs: engine === "virtual" ? secondNs : 30 * secondNs,
  });
  const setup: Setup = {
    seed,
    cpus,
    topology,
    tasksPerCpu: given["tasks-per-cpu"] ?? values.workload.tasksPerCpu,
    ...values,
    operations: operationsOf(collected),
    ...reschedulesOf(collected, cpus),
  };
  // A mutant brings the machine along that it shows on.
  return given.mutant === undefined ? setup : groundOf(mutantNamed(given.mutant), setup);
};

const planFor = ({ given, blame }: Collected, setup: Setup): Plan => {
  const { plan, problems } = planOf(given.fault ?? [], setup.seed);
  const [problem] = problems;
  if (problem !== undefined) throw blame("fault", `${problem.message} (in "${problem.text}")`);
  for (const fault of plan.faults) {
    const absent = Math.max(...cpusNamedIn(fault));
    if (absent >= setup.cpus)
      throw blame("fault", `there is no cpu ${absent}: the machine has ${setup.cpus}, from cpu 0 on (in "${printFault(fault)}")`);
  }
  return plan;
};

/** Wherever a fault names CPUs, it does so as a set of them. */
export const cpusNamedIn = (fault: Fault): readonly number[] =>
  Object.values(fault).flatMap((value: unknown) => (Array.isArray(value) ? (value as CpuSet) : []));

const hostsOf = ({ given, blame }: Collected, engine: Engine, cpus: number): number => {
  if (engine === "virtual") {
    if (given.hosts !== undefined) throw blame("hosts", "virtual time has no processes: leave it out, or use --engine live");
    return 0;
  }
  const hosts = given.hosts ?? (cpus <= 32 ? cpus : 4);
  if (hosts > cpus) throw blame("hosts", `${hosts} processes for ${cpus} CPUs: some would have none`);
  return hosts;
};

/** With the model that the settings name, unless somebody else names one. */
export const configure = (collected: Collected, model: Model = modelOf(collected)): Configuration => {
  const { given, blame } = collected;
  const engine = given.engine ?? "live";
  const seed = given.seed ?? randomInt(2 ** 32);
  const timeLimitNs = given["time-limit"] ?? 120 * secondNs;
  const setup = setupOf(collected, model, engine, seed);
  if (given.nats !== undefined && engine === "virtual")
    throw blame("nats", "virtual time uses no server: leave it out, or use --engine live");
  const origins = Object.fromEntries(
    settingNames.map((name) => [name, collected.origins[name] ?? (name === "seed" ? "drawn" : "default")]),
  );
  return {
    engine,
    setup,
    plan: planFor(collected, setup),
    hosts: hostsOf(collected, engine, setup.cpus),
    timeLimitNs,
    eventLimit: eventLimitOf(setup, timeLimitNs),
    journal: given.journal ?? "full",
    journalAll: given.journal === "full",
    natsUrl: given.nats ?? null,
    out: given.out ?? "runs",
    given,
    origins: origins as Configuration["origins"],
  };
};
