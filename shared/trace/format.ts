// What every format is: it takes moments and hands out a file piece by piece.
import type { Header } from "../journal/entry.ts";
import type { Show } from "./moment.ts";
import type { Window } from "./window.ts";

/** Every format by its name, in the order of help. */
export const formatTitles = {
  perfetto: "Chrome trace in JSON, for ui.perfetto.dev: a lane for each CPU, arrows for messages, counters",
  ftrace: "text as a kernel's tracer prints it in its file `trace`",
  "trace.dat": "binary trace of version 6, for trace-cmd report and KernelShark: CPUs coloured by their state",
  lamport: "text, a line for all that happens, by Lamport's clock: what stands lower cannot have caused what stands higher",
  mermaid: "sequence diagram for Mermaid: what many CPUs do alike is one arrow, what gets lost has a cross",
  shiviz: "log with vector clocks, for ShiViz",
  klog: "text like a kernel's log: a livepatch transition in the kernel's words, all else in our own",
} as const;

export type FormatName = keyof typeof formatTitles;
export const defaultFormat: FormatName = "perfetto";
export const formatNames = Object.keys(formatTitles) as readonly FormatName[];

export interface Draught {
  readonly take: Show;
  /** After the last moment. */
  readonly finish: () => void;
  /** What was too much for the picture: moments that it does not show. */
  readonly leftOut: () => number;
}

export interface Canvas {
  readonly header: Header;
  /** The name of the run, for titles. */
  readonly run: string;
  readonly window: Window;
  /** The next bytes of the file, as bytes or as text. */
  readonly write: (piece: string | Uint8Array) => void;
}

export interface Format {
  /** True if there is nothing to see without messages, which a journal of facts does not hold. */
  readonly needsMessages: boolean;
  /** True if the file is no text. */
  readonly isBinary: boolean;
  readonly draw: (canvas: Canvas) => Draught;
}

/**
 * What pictures are limited to. Nobody reads more; a viewer takes no more; and what has to be sorted is kept in memory (some 300 bytes
 * a moment).
 */
export const traceLimits = {
  /** Events of a Chrome trace, some 130 bytes each. States, epochs and rounds are drawn beyond it, messages are not. */
  perfettoEvents: 1_000_000,
  /** Moments of the formats that are sorted by time or by clock. */
  sortedMoments: 1_000_000,
  /** Mermaid refuses texts of more than 50,000 characters. */
  mermaidCharacters: 48_000,
  /** Each line of a ShiViz log may name every actor. */
  shivizCharacters: 5_000_000,
  /** Columns of the text by Lamport's clock; more actors are named in the line. */
  lamportColumns: 10,
} as const;
