// What the driver and its processes tell each other over the pipe between them: one JSON value a line.
//
// The pipe is also the life line: a process whose pipe closes has lost its driver and ends. It is not part of the simulated machine:
// faults never touch it, and a restart of the NATS server does not break it.
import type { Refused } from "../../journal/refused.ts";
import type { Spent } from "../../nemesis/actorFaults.ts";
import type { FaultCount } from "../../nemesis/plan.ts";
import type { CoordinatorFact } from "../../protocol/facts.ts";
import type { Control } from "../../protocol/messages.ts";
import type { PacketCounts } from "../../protocol/observer.ts";
import type { Setup } from "../../protocol/setup.ts";
import type { Layout } from "../bus/layout.ts";

/** A life of a CPU. */
export type CpuLifeId = readonly [cpu: number, incarnation: number];

/** A file of this machine, or a part of the stream in which a run that is spread over machines keeps its journals. */
export type JournalPlace = { readonly path: string } | { readonly part: string };

/** What of a process never changes. It comes over the pipe, since the address holds a password. */
export interface ProcessSpec {
  readonly role: "host" | "coordinator";
  /** A host's number, or a coordinator's life. */
  readonly number: number;
  readonly run: string;
  readonly url: string;
  readonly layout: Layout;
  readonly setup: Setup;
  readonly plan: { readonly seed: number; readonly faults: readonly string[] };
  /** The CPUs that a host brings up, and in which incarnation; null for all of its own in their first. */
  readonly lives: readonly CpuLifeId[] | null;
  /** Somebody watches: a coordinator then reports every fact, and else only those that the driver steers by. */
  readonly watched: boolean;
  /** Faults may come that are not in the plan: no two CPUs can be taken for one. */
  readonly steered: boolean;
  /** Where this process writes its turns and after how many entries it goes on with facts only, or null for no journal. */
  readonly journal: (JournalPlace & { readonly mode: "full" | "facts"; readonly fullEntries: number }) | null;
  /** Copies of the register. Of several, only the one that leads is sure to know the latest. */
  readonly copies?: number;
}

/** Power on, with how the run stands by now. */
export interface Go {
  readonly order: "go";
  /** The run's zero on the machine's monotonic clock, in ns. */
  readonly startedNs: number;
  /** Faults are off already. */
  readonly healed: boolean;
  /** Hits of earlier in the run, which must not strike again. */
  readonly spent: readonly Spent[];
  /** Lives that are known to have ended. */
  readonly dead: readonly CpuLifeId[];
}

/** From the driver. */
export type Order =
  | Go
  | { readonly order: "died"; readonly lives: readonly CpuLifeId[] }
  /** An actor fault whose time has come. It is answered with a `hit`, or with a `miss` if its actor is no more. */
  | { readonly order: "strike"; readonly hit: Spent }
  /** A fault struck another life of the coordinator, and so is not to strike this one. */
  | { readonly order: "spent"; readonly hit: Spent }
  /** A fault that somebody adds to the plan. Everybody is told of all of them, in the same order. */
  | { readonly order: "inject"; readonly fault: string }
  /** What somebody in charge asks of a coordinator. */
  | { readonly order: "control"; readonly msg: Control }
  /** Until then, on this machine's monotonic clock, the process may act; without a word of it, for ever. */
  | { readonly order: "lease"; readonly untilNs: number }
  | { readonly order: "heal" }
  | { readonly order: "quit" };

/** How often a process says what it has counted, if that has changed: of one that is killed, so much is lost. */
export const countsMs = 250;

/** What a process did with its packets and saw of others', up to now. */
export interface ProcessCounts {
  readonly packets: PacketCounts;
  readonly faults: readonly FaultCount[];
  /** Frames that were refused: damaged, malformed, or not for their speaker to say. */
  readonly refused: number;
  /** Whose they were. */
  readonly refusals: readonly Refused[];
  /** Frames that could not leave, because there was no connection. */
  readonly unsent: number;
  /** How often the connection to the server was lost and made again. */
  readonly reconnects: number;
  readonly turns: number;
}

/** To the driver. */
export type Report =
  | { readonly report: "ready" }
  | { readonly report: "fact"; readonly at: number; readonly fact: CoordinatorFact }
  /** How many of a host's CPUs are up and welcomed, and how many are up at all. */
  | { readonly report: "settled"; readonly running: number; readonly alive: number }
  /** A fault struck an actor of this process; the process dies of it if it is the only one here. */
  | { readonly report: "hit"; readonly hit: Spent; readonly fatal: boolean }
  | { readonly report: "miss"; readonly hit: Spent }
  | { readonly report: "died"; readonly lives: readonly CpuLifeId[] }
  | { readonly report: "up"; readonly lives: readonly CpuLifeId[] }
  /** Something went wrong that the run survives. */
  | { readonly report: "notice"; readonly text: string }
  /** Some of the journal is lost: what the run did can no longer be known. */
  | { readonly report: "gap"; readonly text: string }
  /** The end of its part of the journal stream: how many bytes it has, and how many pieces of it the stream did not take at once. */
  | { readonly report: "wrote"; readonly bytes: number; readonly again: number }
  /** A defect, or an environment in which the run cannot go on. */
  | { readonly report: "problem"; readonly text: string }
  | { readonly report: "counts"; readonly counts: ProcessCounts };

/** Characters of one line: a spec with a large workload. */
const lineLimit = 1 << 26;

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
