// The journal's lines: a header with only what determines the run, then entries, then a note that says how it ended.
//
// Every engine writes the same journal, and everything that is said about a run is a fold over it. Host, times of day and paths
// are not in it but in the run's manifest, so that the same seed gives the same bytes.
import type { Actor } from "../machine/machine.ts";
import type { FaultCount } from "../nemesis/plan.ts";
import type { Fact } from "../protocol/facts.ts";
import type { AnyInput, AnyOutput, End } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";
import type { Refused } from "./refused.ts";

export const journalSchema = "quiesce.journal/1";

/** `full`: every input, output, fact and fault. `facts`: facts and faults only. `off`: nothing. */
export const journalModes = ["full", "facts", "off"] as const;
export type JournalMode = (typeof journalModes)[number];

export type Engine = "virtual" | "live";

export const journalLimits = {
  /** A full journal goes on with facts only after so many entries, unless it was asked for by name. */
  fullEntries: 1_000_000,
  /** Of a live run also then: its processes' journals become one in the memory of the recorder. */
  liveEntries: 20_000_000,
  /** Characters of one line: the header of a large workload, or a register with a million incarnations. */
  lineLength: 1 << 26,
} as const;

/** The faults of a run as the grammar prints them, and the seed that they draw from. */
export interface PlanText {
  readonly seed: number;
  readonly faults: readonly string[];
}

/** All that determines a run: whoever has it can run it again. */
export interface Header {
  readonly schema: typeof journalSchema;
  /** The version of the code: another one may do something else with the same seed. */
  readonly code: string;
  readonly engine: Engine;
  /** `full` is said to be `facts` from the note on that says so. */
  readonly mode: Exclude<JournalMode, "off">;
  readonly seed: number;
  readonly timeLimitNs: number;
  readonly eventLimit: number;
  readonly plan: PlanText;
  readonly setup: Setup;
}

type WithoutAt<Union> = Union extends unknown ? Omit<Union, "at"> : never;

/** An input whose time is its entry's. */
export type InputBody = WithoutAt<AnyInput>;
export type OutputBody = Exclude<AnyOutput, { kind: "announce" }>;

export interface FaultBody {
  readonly text: string;
  readonly effect: string;
}

/** One line. `seq` counts an actor's entries from the start of its life; its faults are numbered apart, since others strike them. */
interface Place {
  readonly seq: number;
  readonly at: number;
  readonly clock: number;
  readonly actor: Actor;
}

/** One thing that happened to one actor. */
export type Entry = Place &
  (
    | { readonly kind: "input"; readonly body: InputBody }
    | { readonly kind: "output"; readonly body: OutputBody }
    | { readonly kind: "fact"; readonly body: Fact }
    | { readonly kind: "fault"; readonly body: FaultBody }
  );

export type EntryKind = Entry["kind"];

/** What a journal says about itself. */
export type Note =
  /** From here on facts and faults only. */
  | { readonly note: "facts-only"; readonly entries: number }
  /** Of a live run: somebody was not let through. Those of a run stand before its end. */
  | ({ readonly note: "refused" } & Refused)
  /** The run ended; a journal without it was cut off. */
  | { readonly note: "end"; readonly end: End; readonly faults: readonly FaultCount[] };
