// The subject's side of every figure: runs of `./quiesce run --json`, read from the summary that they print.
import { fileURLToPath } from "node:url";
import { Schema } from "effect";
import type { Sample } from "./measure.ts";
import { type Running, start } from "./program.ts";

/** What the figures need of summary.json; the rest is of no matter here. */
const Summary = Schema.fromJsonString(
  Schema.Struct({
    outcome: Schema.Literals(["committed"]),
    verdict: Schema.Literals(["valid"]),
    cpus: Schema.Number,
    phases: Schema.Array(Schema.Struct({ epoch: Schema.Number, name: Schema.String, startUs: Schema.Number, endUs: Schema.Number })),
    resources: Schema.Struct({ wallMs: Schema.Number, maxRssMb: Schema.Number, events: Schema.Number }),
  }),
);
type Phases = (typeof Summary.Type)["phases"];
const decode = Schema.decodeUnknownPromise(Summary);

const launcher = fileURLToPath(new URL("../../quiesce", import.meta.url));

export interface LiveRun {
  readonly cpus: number;
  readonly hosts: number;
  /** Patched so often in one process: the first patches only warm it up. */
  readonly patches: number;
  readonly pinned: boolean;
  /** On an idle machine, which it is unless another is named, nothing is simulated between the messages: what is timed is the wire and the machines. */
  readonly workload?: string;
  /** Further arguments of the command. */
  readonly more?: readonly string[];
}

/** The journal of a large machine grows with its CPUs, and a recorder reads it in the end: it is patched less often. */
export const patchesOf = (cpus: number, patches: number): number =>
  Math.max(Math.min(40, patches), Math.min(patches, Math.floor(150_000 / cpus)));

/** Rounds of one patch: gather, prepare, disable-irq, then the decision, then run and exit. */
export const roundsPerPatch = 5;
/** The first half of all rounds runs code that is not compiled yet. Floors skip as many. */
export const warmupOf = (rounds: number): number => Math.floor(rounds / 2);

const thenOf = (patches: number): readonly string[] =>
  Array.from({ length: patches - 1 }, (_, i) => ["--then", i % 2 === 0 ? "unpatch" : "patch"]).flat();

const startLive = ({ cpus, hosts, patches, pinned, workload = "idle", more = [] }: LiveRun): Running => {
  const then = thenOf(patches);
  const machine = ["--cpus", String(cpus), "--hosts", String(hosts), "--workload", workload];
  // A journal of the default size would hold facts only by the time that it is measured.
  const output = ["--journal", "full", "--json", "--quiet"];
  return start({ command: launcher, args: ["run", "--engine", "live", ...machine, ...then, ...more, ...output], pinned });
};

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? Number.NaN;

const roundTimes = (phases: Phases): readonly number[] =>
  phases.slice(warmupOf(phases.length)).map(({ startUs, endUs }) => endUs - startUs);

/** From the first `gather` to the last ack of `exit`, by epoch. */
const stopTimes = (phases: Phases): readonly number[] => {
  const epochs = [...Map.groupBy(phases, ({ epoch }) => epoch).values()];
  const times = epochs.map((of) => Math.max(...of.map(({ endUs }) => endUs)) - Math.min(...of.map(({ startUs }) => startUs)));
  return times.slice(warmupOf(times.length));
};

/** `p50Us` and `p99Us` of a round, `stopUs` of a whole stop. Meanwhile `watch` gets the driver's process id. */
export const live = async (run: LiveRun, watch?: (pid: number) => void): Promise<Sample> => {
  const { pid, output } = startLive(run);
  watch?.(pid);
  const { phases } = await decode(await output);
  const rounds = roundTimes(phases);
  return { p50Us: quantile(rounds, 0.5), p99Us: quantile(rounds, 0.99), stopUs: quantile(stopTimes(phases), 0.5) };
};

/** In the command line of a process that runs CPUs. */
export const cpuProcess = "services/cpu/main.ts";

/** In the command line of the process that runs the coordinator. */
export const coordinatorProcess = "services/coordinator/main.ts";

/** `p50Us` of a round of a few patches in virtual time. */
export const simulated = async (cpus: number, more: readonly string[]): Promise<Sample> => {
  const machine = ["--cpus", String(cpus), "--workload", "idle", "--journal", "off", ...thenOf(4), ...more];
  const args = ["run", "--engine", "virtual", ...machine, "--json", "--quiet"];
  const { phases } = await decode(await start({ command: launcher, args, pinned: false }).output);
  return { p50Us: quantile(roundTimes(phases), 0.5) };
};

/** A million CPUs on a busy machine. */
const timeLimitMs = 600_000;

/** One rendezvous in virtual time, in a process of its own: everything from its start on counts. */
export const virtual = async (cpus: number, more: readonly string[] = []): Promise<Sample> => {
  const machine = ["--cpus", String(cpus), "--workload", "idle", "--journal", "off", ...more];
  const args = ["run", "--engine", "virtual", ...machine, "--json", "--quiet"];
  const { phases, resources } = await decode(await start({ command: launcher, args, pinned: false, timeLimitMs }).output);
  const { wallMs, maxRssMb, events } = resources;
  return { millionPerSecond: (cpus * phases.length) / wallMs / 1000, seconds: wallMs / 1000, maxRssMb, events };
};

/** Rounds of machines that are up: what some patches more add to a run in virtual time. */
export const virtualRounds = async (cpus: number): Promise<Sample> => {
  const patches = 5;
  const { millionPerSecond = 0, seconds = 0 } = await virtual(cpus);
  const { seconds: secondsOfAll = 0 } = await virtual(cpus, thenOf(patches));
  return { millionPerSecond: (millionPerSecond * seconds * (patches - 1)) / (secondsOfAll - seconds) };
};

/** A study of `simple`, whose runs must all keep their promises. */
export const chaos = async (cpus: number, seeds: number, more: readonly string[]): Promise<Sample> => {
  const study = ["--seeds", `1..${seeds}`, "--models", "simple", "--cpus", String(cpus), ...more];
  const begun = performance.now();
  await start({ command: launcher, args: ["chaos", "--engine", "virtual", ...study, "--json", "--quiet"], pinned: false, timeLimitMs })
    .output;
  return { runsPerSecond: (seeds * 1000) / (performance.now() - begun) };
};
