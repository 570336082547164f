// One epoch of a run as pictures need it: what each CPU was at, who said what to whom, which rounds went on, what struck.
import type { CpuLane } from "../../figure/cpuTime.ts";
import type { Actor } from "../../machine/machine.ts";
import type { Phase } from "../../protocol/messages.ts";

/** Which part of the run: an epoch, and from when to when it is looked at. */
export interface Scene {
  readonly epoch: number;
  readonly fromNs: number;
  readonly toNs: number;
}

export interface RoundFilmed {
  readonly round: number;
  readonly phase: Phase;
  readonly askedNs: number;
  /** Null of one that never ended. */
  readonly endedNs: number | null;
}

/** One copy of a message: to one receiver. */
export interface MessageFilmed {
  readonly from: Actor;
  readonly to: Actor;
  readonly sentNs: number;
  readonly arrivedNs: number | null;
  readonly label: string;
  /** What it asks or answers; null of greetings and calls. */
  readonly round: number | null;
  readonly again: boolean;
  readonly copy: boolean;
  readonly why: string | null;
}

export interface Film extends Scene {
  readonly rounds: readonly RoundFilmed[];
  /** In the order of CPUs. */
  readonly lanes: readonly CpuLane[];
  /** In the order of the journal; as many as are kept. */
  readonly messages: readonly MessageFilmed[];
  /** Messages that there were. */
  readonly messagesSeen: number;
  /** False where the journal holds facts only. */
  readonly hasMessages: boolean;
  readonly faults: ReadonlyArray<{ readonly atNs: number; readonly actor: Actor; readonly text: string }>;
  /** How many tasks had switched from each moment on. */
  readonly switched: ReadonlyArray<{ readonly atNs: number; readonly switched: number }>;
  /** Tasks that were to switch, as far as anybody said. */
  readonly tasks: number;
}

/** What is kept of one epoch in memory: some 120 bytes a message, 60 a span. */
export const filmLimits = { messages: 200_000, spans: 4_000_000, faults: 2_000 } as const;
