// One resource of a machine varied while all others stay: which machines, and what is timed on each.
import { pathsOf } from "../../shared/kernel/callGraph.ts";
import type { Patch } from "../../shared/kernel/patch.ts";
import type { Workload } from "../../shared/kernel/workload.ts";
import type { Machine, Run } from "../calibration/machine.ts";
import { sleepers } from "../calibration/workloads.ts";

export interface Sweep {
  /** What is varied, as its column is headed and as it is counted. */
  readonly resource: string;
  readonly unit: string;
  /** An amount of time or loss, and no number of things. */
  readonly isAmount?: boolean;
  /** What its curves are where no law fits them. */
  readonly withoutLaw?: string;
  readonly values: readonly number[];
  readonly machine: (value: number) => Omit<Machine, "model">;
  /** How the rest of the machine is. */
  readonly method: string;
}

const doubling = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => from * 2 ** i);

const cpus: Sweep = {
  resource: "CPUs",
  unit: "CPUs",
  values: doubling(8, 7),
  machine: (value) => ({ cpus: value, tasksPerCpu: 512 / value, workload: sleepers }),
  method: "8 to 512 CPUs that share 512 tasks, all in an interruptible sleep that outlasts the patch",
};

const tasks: Sweep = {
  resource: "tasks",
  unit: "tasks",
  values: doubling(16, 8),
  machine: (value) => ({ cpus: 16, tasksPerCpu: value / 16, workload: sleepers }),
  method: "16 to 2,048 such tasks on 16 CPUs",
};

/** A call of this length, which sleeps at its end. */
const callOfDepth = (depth: number): string => {
  const known = ["pause", "epoll_create", "nanosleep", "clock_nanosleep", "select", "stat", "fsync"];
  const name = known.find((call) => pathsOf(call).length === 1 && pathsOf(call)[0]?.functions.length === depth);
  if (name !== undefined) return name;
  if (depth === 1) return "nowhere_else";
  throw new Error(`no call has one way of ${depth} functions`);
};

const sleepIn = (call: string, kind: "interruptible" | "uninterruptible", meanNs: number, userNs: number): Workload => ({
  ...sleepers,
  userNs: { kind: "exponential", meanNs: userNs },
  calls: [
    {
      name: call,
      weight: 1,
      cpuNs: { kind: "constant", ns: 1_000 },
      sleep: { probability: 1, kind, ns: { kind: "exponential", meanNs } },
      restarts: true,
    },
  ],
});

const dayNs = 86_400_000_000_000;

const depth: Sweep = {
  resource: "stack depth",
  unit: "functions on the stack",
  values: [1, 2, 3, 4, 5, 6, 7, 8],
  machine: (value) => ({ cpus: 16, tasksPerCpu: 16, workload: sleepIn(callOfDepth(value), "interruptible", dayNs, 1_000) }),
  method: "256 such tasks on 16 CPUs, in calls of 1 to 8 functions",
};

/** The deepest function of the call that they sleep in. */
const patchOf = (call: string): Patch => ({
  id: `deepest-of-${call}`,
  title: "the function that the sleepers sleep in",
  kind: "function",
  objects: [{ object: "vmlinux", functions: [pathsOf(call)[0]?.functions.at(-1) as string] }],
});

const asleepNs = 20_000_000;

/** Awake for as long as they sleep: half of them are asleep at any time. */
const inDisk = (meanNs: number): Workload => sleepIn("fsync", "uninterruptible", meanNs, meanNs);

const sleeping: Sweep = {
  resource: "sleepers",
  unit: "tasks",
  values: doubling(16, 7),
  machine: (value) => ({ cpus: 16, tasksPerCpu: value / 16, workload: inDisk(asleepNs) }),
  method:
    "16 to 1,024 tasks on 16 CPUs, half of them in an uninterruptible sleep of 20 ms (mean, exponential) outside the patched functions",
};

const sleepingInPatch: Sweep = {
  resource: "sleepers in patched functions",
  unit: "tasks",
  values: doubling(16, 7),
  machine: (value) => ({ cpus: 16, tasksPerCpu: value / 16, workload: inDisk(asleepNs), patch: patchOf("fsync") }),
  method: "the same, with the function patched that they sleep in",
};

const sleepLength: Sweep = {
  resource: "length of such a sleep",
  unit: "ms of sleep",
  isAmount: true,
  values: doubling(5, 9),
  machine: (value) => ({ cpus: 16, tasksPerCpu: 1, workload: inDisk(value * 1e6), patch: patchOf("fsync") }),
  method: "16 tasks on 16 CPUs, asleep in the patched function half of the time, for 5 ms to 1.28 s (mean)",
};

const loss: Sweep = {
  resource: "loss",
  unit: "packets lost of 1,000",
  isAmount: true,
  // Nothing until a packet is lost, and then a resend.
  withoutLaw: "a step",
  values: [1, 3, 10, 30, 100, 200, 300],
  machine: (value) => ({ cpus: 64, tasksPerCpu: 1, workload: sleepers, faults: [`drop ${value / 10}% of any`] }),
  method: "0.1 % to 30 % of all packets lost, 64 CPUs with a sleeping task each",
};

export const sweeps: readonly Sweep[] = [cpus, tasks, depth, sleeping, sleepingInPatch, sleepLength, loss];

/** A time of a run in ns; null if it never came to its end. */
type Time = (run: Run) => number | null;

export interface Timed {
  readonly model: string;
  readonly what: string;
  readonly time: Time;
}

/** The decision that the register keeps is no part of a kernel, and has its own constant. */
const inRounds: Time = ({ rounds }) => rounds.reduce((sum, { askedAt, endedAt }) => sum + endedAt - askedAt, 0);

const transition: Time = ({ epochsNs }) => epochsNs.reduce((sum, ns) => sum + ns, 0);

const firstPass: Time = ({ rounds }) => {
  const start = rounds.find(({ phase }) => phase === "start");
  return start === undefined ? null : start.endedAt - start.askedAt;
};

const ifCommitted =
  (time: Time): Time =>
  (run) =>
    run.ended === "finished" && run.outcome === "committed" ? time(run) : null;

export const timed: readonly Timed[] = [
  { model: "simple", what: "stop, with its gather", time: ifCommitted(inRounds) },
  { model: "kpatch", what: "stop", time: ifCommitted(inRounds) },
  { model: "ksplice", what: "stop", time: ifCommitted(inRounds) },
  { model: "hybrid", what: "first pass", time: firstPass },
  { model: "hybrid", what: "transition", time: ifCommitted(transition) },
  { model: "kgraft", what: "transition", time: ifCommitted(transition) },
  { model: "immediate", what: "rounds", time: ifCommitted(inRounds) },
];
