// What `quiesce serve` answers, as types that the server and the page share. All answers are JSON but for the files of a run.
//
//   GET  /api/runs            RunList: the run folders, newest first, at most `apiLimits.runs` of them.
//   GET  /api/runs/ID/FILE    The file as it is; 404 where the run has none of this name. FILE is one of `runFiles`. journal.ndjson is
//                             plain text, whether the folder has it compressed or not; trace.json is drawn when it is asked for,
//                             one at a time: 503 to who asks meanwhile, and where it takes longer than `apiLimits.traceMs`.
//   GET  /api/live            Live: the machine that was started last, where to join it and as whom.
//   GET  /api/live/standing   Standing, or null: what this machine is at, for a page that has not heard it from the start.
//   GET  /api/choices         Choices: what a machine can be started with.
//   GET  /api/experiment?SETTINGS   Experiment: the virtual machine of these settings, `cpus=8&fault=...&fault=...`, for the page to run.
//   GET  /api/comparison?SETTINGS   Comparison: the same for several models, all or those of `models=simple,hybrid`.
//   POST /api/control         Order, with `Authorization: Bearer TOKEN`; answers Live as it is afterwards.
//
// Whatever goes wrong is answered with a status from 400 on and Problem.
import type { Header } from "../../shared/journal/entry.ts";
import type { Shared } from "../../shared/report/compareSummary.ts";
import type { Summary } from "../../shared/report/summary.ts";

export const apiLimits = {
  /** Run folders that are listed. */
  runs: 200,
  /** Bytes of a file that is sent, as it lies in its folder. */
  fileBytes: 64 << 20,
  /** For a trace to be drawn; another one is refused meanwhile. */
  traceMs: 60_000,
  /** Bytes of an order. */
  orderBytes: 64 << 10,
  /** Connections at a time. */
  connections: 64,
  /** For a request to arrive. */
  requestMs: 10_000,
  /** Notices of a run that are kept. */
  notices: 20,
  /** CPUs of a machine that the page runs by itself. */
  experimentCpus: 4_096,
} as const;

export const runFiles = [
  "manifest.json",
  "summary.json",
  "journal.ndjson",
  "trace.json",
  "results.csv",
  "repro.txt",
  "path.json",
  "report.html",
] as const;
export type RunFile = (typeof runFiles)[number];

/** A run folder: `20260102T030405Z-run-1a2b3c`. */
export const isRunId = (text: string): boolean => /^\d{8}T\d{6}Z-[a-z]{1,16}-[0-9a-f]{6}$/.test(text);

export interface RunListed {
  readonly id: string;
  /** `run`, `compare`, `chaos`, ... */
  readonly verb: string;
  /** Those of `runFiles` that can be had. */
  readonly files: readonly RunFile[];
  /** Of a `run` that has ended. */
  readonly summary: Pick<Summary, "engine" | "model" | "cpus" | "seed" | "outcome" | "verdict"> | null;
}

export interface RunList {
  readonly runs: readonly RunListed[];
  /** Older ones that are not listed. */
  readonly omitted: number;
}

export interface Problem {
  readonly error: string;
}

/** Where viewers join a run, as whom. */
export interface Join {
  readonly webSocket: string;
  readonly user: string;
  readonly password: string;
}

/** One machine, from its start to its verdict. */
export interface LiveRun {
  readonly run: string;
  readonly phase: "starting" | "running" | "ending" | "ended";
  readonly cpus: number;
  readonly hosts: number;
  readonly model: { readonly name: string; readonly gradual: boolean };
  readonly patch: string;
  readonly workload: string;
  readonly seed: number;
  readonly operations: readonly string[];
  /** Those that it was started with, and those that came since. */
  readonly faults: readonly string[];
  /** What was done to it by hand that is no setting, like `reverse`, with its time. */
  readonly orders: readonly string[];
  /** The command that does the same without a page. */
  readonly command: string;
  /** The same as a scenario file, in YAML. */
  readonly scenario: string;
  readonly join: Join | null;
  readonly notices: readonly string[];
  /** When it has ended. */
  readonly summary: Summary | null;
  /** Why it could not go on. */
  readonly error: string | null;
}

export interface Live {
  readonly run: LiveRun | null;
}

/** What can be chosen by name; the first of each is the usual one. */
export interface Choices {
  /** `gradual`: it has transitions, and not stops. */
  readonly models: ReadonlyArray<{ readonly name: string; readonly gradual: boolean }>;
  readonly workloads: readonly string[];
  readonly patches: readonly string[];
  /** With an example of each, to start from. */
  readonly faults: ReadonlyArray<{ readonly word: string; readonly help: string; readonly example: string }>;
  /** What the command line of `serve` settled: the page starts with it. */
  readonly settings: Readonly<Record<string, readonly string[]>>;
}

/** A virtual machine, settled as the command line settles it. */
export interface Experiment {
  readonly header: Header;
  /** The command that runs it. */
  readonly command: string;
  /** The same as a scenario file, in YAML. */
  readonly scenario: string;
}

export interface Comparison {
  /** One for each model. */
  readonly headers: readonly Header[];
  readonly shared: Shared;
  readonly command: string;
}

export type Order =
  /** Settings by their names, as flags have them. `stayOn`: the machine stays on when its operations are done. */
  | { readonly do: "start"; readonly settings: Readonly<Record<string, readonly string[]>>; readonly stayOn: boolean }
  | { readonly do: "inject"; readonly fault: string }
  | { readonly do: "operate"; readonly operation: "patch" | "unpatch" }
  /** Of a transition that is under way. */
  | { readonly do: "reverse" | "force" }
  /** Lets it end when all is done; or ends it at once. */
  | { readonly do: "finish" | "stop" };
