// What a run's machines are told before they start: plain data, the same for every engine.
import type { Model } from "../consistency/model.ts";
import type { Patch } from "../kernel/patch.ts";
import type { Profile } from "../kernel/profile.ts";
import type { Load } from "../kernel/requests/plan.ts";
import type { Workload } from "../kernel/workload.ts";
import type { Operation } from "./messages.ts";
import type { Topology } from "./topology.ts";

/** When to ask again: after `firstNs`, then doubling up to `capNs`, each with jitter. */
export interface Resend {
  readonly firstNs: number;
  readonly capNs: number;
}

/** When operations begin: the n-th, from 0, at `firstNs + n * everyNs` of the engine's clock, or as soon after that as the one before it has ended. */
export interface Pace {
  readonly firstNs: number;
  readonly everyNs: number;
}

/** All that the machines of a run are told. */
export interface Setup {
  readonly seed: number;
  readonly cpus: number;
  readonly tasksPerCpu: number;
  readonly model: Model;
  readonly workload: Workload;
  readonly profile: Profile;
  readonly patch: Patch;
  /** What is to be done, in order, each committed before the next; one that is given up ends the run. */
  readonly operations: readonly Operation[];
  readonly resend: Resend;
  readonly topology: Topology;
  /** How long the coordinator waits for CPUs that have not said hello before it goes on without them. */
  readonly bootLimitNs: number;
  /** The mutant that the machines are, by its name; absent where they keep every rule. */
  readonly mutant?: string;
  /** What the machine has to serve meanwhile; absent where tasks just go on with their work. */
  readonly load?: Load;
  /** Reschedule interrupts that each CPU sends to others; absent where it sends none. */
  readonly reschedulesPerSecond?: number;
  /** Absent where operations follow each other at once. */
  readonly pace?: Pace;
}

/** The limits of a machine: written down here, enforced where input comes in. */
export const limits = {
  cpus: 1_048_576,
  tasksPerCpu: 1_024,
  operations: 100_000,
  attempts: 1_000,
} as const;

/** The version that a machine starts on. */
export const initialVersion = 0;
