// One run of a soak: by the command line, as a user would, with an eye on its processes from the outside.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Summary } from "../../shared/report/summary.ts";

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

/** Process id and when it started, which together are never used again, and what it runs. */
type Process = readonly [id: string, what: string];

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly process: Process;
}

const processes = (): readonly Row[] =>
  execFileSync("ps", ["-eo", "pid=,ppid=,stat=,lstart=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line): readonly Row[] => {
      const [, pid, parent, state, start, args] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.{24})\s+(.*)$/.exec(line) ?? [];
      if (args === undefined || state?.startsWith("Z")) return [];
      return [{ pid: Number(pid), parent: Number(parent), process: [`${pid} ${start}`, `${pid} ${state} ${args}`] }];
    });

/** All that descend from this one. */
const descendantsOf = (ancestor: number): readonly Process[] => {
  const rows = processes();
  const family = new Set([ancestor]);
  const found = new Set<Row>();
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const row of rows) {
      if (!family.has(row.parent)) continue;
      family.add(row.pid);
      found.add(row);
    }
  }
  return [...found].map(({ process }) => process);
};

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
    for (const [id, what] of descendantsOf(pid)) seen.set(id, what);
    await sleep(lookMs);
  }
  return seen;
};

/** Those of the run that are there now: whoever was seen, and whoever bears the run's name, as its CPUs and coordinators do. */
const leftOf = (seen: ReadonlyMap<string, string>): readonly string[] => {
  const names = new Set([...seen.values()].flatMap((what) => /main\.\w+ (?:host|coordinator)-\d+ (\S+)$/.exec(what)?.[1] ?? []));
  return processes().flatMap(({ process: [id, what] }) => (seen.has(id) || [...names].some((name) => what.includes(name)) ? [what] : []));
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
