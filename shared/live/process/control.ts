// What the driver and its processes tell each other over the pipe between them: one JSON value a line.
//
// The pipe is also the life line: a process whose pipe closes has lost its driver and ends. It is not part of the simulated machine:
// faults never touch it, and a restart of the NATS server does not break it.
import type { Spent } from "../../nemesis/actorFaults.ts";
import type { FaultCount } from "../../nemesis/plan.ts";
import type { CoordinatorFact } from "../../protocol/facts.ts";
import type { PacketCounts } from "../../protocol/observer.ts";
import type { Setup } from "../../protocol/setup.ts";
import type { Layout } from "../bus/layout.ts";

/** A life of a CPU. */
export type CpuLifeId = readonly [cpu: number, incarnation: number];

/** All that a process is told at its start. It comes over the pipe, since the address holds a password. */
export interface ProcessSpec {
  readonly role: "host" | "coordinator";
  /** A host's number, or a coordinator's life. */
  readonly number: number;
  readonly run: string;
  readonly url: string;
  readonly layout: Layout;
  readonly setup: Setup;
  readonly plan: { readonly seed: number; readonly faults: readonly string[] };
  /** Faults are off already. */
  readonly healed: boolean;
  /** Hits of earlier in the run, which must not strike again. */
  readonly spent: readonly Spent[];
  /** A host's CPUs that start in a later incarnation than the first. */
  readonly incarnations: readonly CpuLifeId[];
  /** Lives that are known to have ended: for a new coordinator. */
  readonly dead: readonly CpuLifeId[];
  /** Where this process writes its turns, or null for no journal. */
  readonly journal: { readonly path: string; readonly mode: "full" | "facts" } | null;
}

/** From the driver. */
export type Order =
  /** Power on. `startedNs` is the run's zero on the machine's monotonic clock, in ns. */
  | { readonly order: "go"; readonly startedNs: number }
  | { readonly order: "died"; readonly lives: readonly CpuLifeId[] }
  /** An actor fault whose time has come. */
  | { readonly order: "strike"; readonly hit: Spent }
  | { readonly order: "heal" }
  | { readonly order: "quit" };

/** What a process did with its packets and saw of others', when it ends. */
export interface ProcessCounts {
  readonly packets: PacketCounts;
  readonly faults: readonly FaultCount[];
  /** Frames that were refused: damaged, malformed, or not for their speaker to say. */
  readonly refused: number;
  readonly turns: number;
}

/** To the driver. */
export type Report =
  | { readonly report: "ready" }
  | { readonly report: "fact"; readonly at: number; readonly fact: CoordinatorFact }
  /** How many of a host's CPUs are up and welcomed, and how many are up at all. */
  | { readonly report: "settled"; readonly running: number; readonly alive: number }
  /** A fault struck an actor of this process; it dies of it if it is the only one here. */
  | { readonly report: "hit"; readonly hit: Spent; readonly fatal: boolean }
  | { readonly report: "died"; readonly lives: readonly CpuLifeId[] }
  | { readonly report: "up"; readonly lives: readonly CpuLifeId[] }
  | { readonly report: "problem"; readonly text: string }
  | { readonly report: "ended"; readonly counts: ProcessCounts };

/** Characters of one line: a spec with a large workload. */
export const lineLimit = 1 << 26;

/** Splits a byte stream into lines; a line beyond the limit is an error of the program. */
export const lineReader = (onLine: (line: string) => void): ((chunk: string) => void) => {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() as string;
    if (rest.length > lineLimit) throw new Error(`a control line is longer than ${lineLimit} characters`);
    for (const line of lines) if (line !== "") onLine(line);
  };
};
