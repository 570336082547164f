// One run of a soak: by the command line, as a user would, with an eye on its processes from the outside.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Summary } from "../../shared/report/summary.ts";
import { familyOf, leftOf } from "./processes.ts";

const command = fileURLToPath(new URL("../../quiesce", import.meta.url));

/** Between two looks at what processes there are. */
const lookMs = 250;

/** A run may take so long; faults are switched off a little earlier, and after a minute more it is interrupted. */
const limitSeconds = 240;

export interface SoakRun {
  readonly seed: number;
  readonly model: string;
  readonly cpus: number;
  readonly patches: number;
  readonly faults: readonly string[];
}

export interface Outcome {
  readonly summary: Summary | null;
  readonly seconds: number;
  /** Processes that the run had, and those that were still there after it. */
  readonly processes: number;
  readonly left: readonly string[];
  /** Why it has failed: none if it has not. */
  readonly problems: readonly string[];
}

const flagsOf = ({ seed, model, cpus, patches, faults }: SoakRun): readonly string[] => [
  ...["run", "--engine", "live", "--json", "--no-progress", "--journal", "facts"],
  ...["--seed", String(seed), "--model", model, "--cpus", String(cpus), "--attempts", "100"],
  ...["--time-limit", `${limitSeconds - 60}s`],
  ...Array.from({ length: patches - 1 }, (_, index) => ["--then", index % 2 === 0 ? "unpatch" : "patch"]).flat(),
  ...faults.flatMap((fault) => ["--fault", fault]),
];

/** Looks at the run's processes until it ends; gives all that there ever were. */
const watch = async (pid: number, isOver: () => boolean): Promise<ReadonlyMap<string, string>> => {
  const seen = new Map<string, string>();
  while (!isOver()) {
    for (const {
      process: [id, what],
    } of familyOf(pid))
      seen.set(id, what);
    await sleep(lookMs);
  }
  return seen;
};

export const soakRun = async (run: SoakRun): Promise<Outcome> => {
  const started = performance.now();
  const child = spawn(command, flagsOf(run), { stdio: ["ignore", "pipe", "pipe"] });
  const interrupt = setTimeout(() => child.kill("SIGINT"), limitSeconds * 1000);
  let isOver = false;
  const watched = watch(child.pid ?? -1, () => isOver);
  const [printed, complaints, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  clearTimeout(interrupt);
  isOver = true;
  const seen = await watched;
  const seconds = (performance.now() - started) / 1000;
  const left = leftOf(seen);
  const summary = printed.trim() === "" ? null : (JSON.parse(printed) as Summary);
  return { summary, seconds, processes: seen.size, left, problems: problemsOf(run, code, summary, left, complaints) };
};

const problemsOf = (
  run: SoakRun,
  code: unknown,
  summary: Summary | null,
  left: readonly string[],
  complaints: string,
): readonly string[] => {
  const problems = left.map((what) => `left behind: ${what}`);
  if (summary === null) return [...problems, `no summary, exit code ${code}`, complaints.trim()];
  if (summary.verdict !== "valid") problems.push(`runs/${summary.run}: ${summary.verdict}: ${summary.reasons.join("; ")}`);
  if (summary.operations.committed < run.patches)
    problems.push(`runs/${summary.run}: ${summary.operations.committed} of ${run.patches} patches`);
  for (const { text: fault, applied } of summary.faults) if (applied === 0) problems.push(`runs/${summary.run}: never struck: ${fault}`);
  if (problems.length > 0) problems.push(complaints.trim());
  return problems;
};
