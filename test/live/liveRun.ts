// A live run for a test: real processes on a real server, its journals merged, judged and replayed, and nothing of it left running.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "@effect/vitest";
import * as Effect from "effect/Effect";
import type { Scope } from "effect/Scope";
import { simple } from "../../shared/consistency/simple.ts";
import type { Entry } from "../../shared/journal/entry.ts";
import { mergeParts } from "../../shared/journal/merge.ts";
import { PartReader } from "../../shared/journal/part.ts";
import { type Divergence, Replay } from "../../shared/journal/replay.ts";
import { TurnReader } from "../../shared/journal/turns.ts";
import { type LiveOptions, type LiveResult, runLive } from "../../shared/live/run.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import { type Judgement, judgeOf } from "../../shared/oracle/judgement.ts";
import type { CoordinatorFact, Fact } from "../../shared/protocol/facts.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { smallSetup, smallWorkload } from "../fixtures/setup.ts";
import { directory, executable } from "./onServer.ts";

const main = (service: string): string => fileURLToPath(new URL(`../../services/${service}/main.ts`, import.meta.url));

export const mains: LiveOptions["mains"] = { host: main("cpu"), coordinator: main("coordinator") };

/** A small machine at the pace of real processes. */
export const liveSetup = (cpus: number, changes: Partial<Setup> = {}): Setup =>
  smallSetup({
    cpus,
    model: { ...simple, limitNs: 8e9, holdLimitNs: 12e9, retryNs: 1e6 },
    workload: { ...smallWorkload, irqsOff: { perSecond: 100, ns: { kind: "constant", ns: 10_000 } }, crossCalls: { perSecond: 5 } },
    resend: { firstNs: 20e6, capNs: 200e6 },
    bootLimitNs: 10e9,
    ...changes,
  });

interface Process {
  readonly pid: number;
  /** As `ps` writes it: T for one that is stopped. */
  readonly state: string;
  readonly args: string;
}

/** All processes of a run, by its name, which is in every command line. */
export const processesOf = (run: string): readonly Process[] =>
  execFileSync("ps", ["-eo", "pid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, pid, state = "", args] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      // One that has ended and was not waited for yet is gone as well.
      return args?.includes(run) && !state.startsWith("Z") ? [{ pid: Number(pid), state, args }] : [];
    });

/** Signals the process of this name (`host-2`, `coordinator-0`, `nats-server`). */
export const signal = (run: string, name: string, how: NodeJS.Signals): void => {
  const found = processesOf(run).find(({ args }) => (name === "nats-server" ? /^\S*nats-server /.test(args) : args.includes(` ${name} `)));
  assert.isDefined(found, `a process ${name}`);
  if (found !== undefined) process.kill(found.pid, how);
};

/** Lets a process stand still for as long as something takes. */
export const whileStill = async (run: string, name: string, work: () => Promise<void>): Promise<void> => {
  signal(run, name, "SIGSTOP");
  try {
    await work();
  } finally {
    signal(run, name, "SIGCONT");
  }
};

export const newRun = (): string => `test-${randomBytes(6).toString("hex")}`;

export interface Watch {
  readonly run: string;
  /** Of the run: the server's configuration is in its folder `nats`. */
  readonly directory: string;
  readonly abort: () => void;
}

export interface RunOptions {
  readonly cpus?: number;
  readonly hosts?: number;
  readonly faults?: readonly string[];
  readonly setup?: Setup;
  readonly timeLimitNs?: number;
  readonly url?: string;
  readonly mains?: LiveOptions["mains"];
  /** Before anything is started. */
  readonly onRun?: (watch: Watch) => void;
  readonly onFact?: (fact: CoordinatorFact, watch: Watch) => void;
  readonly onMessage?: LiveOptions["onMessage"];
  readonly viewing?: LiveOptions["viewing"];
}

export interface LiveRun {
  readonly run: string;
  readonly result: LiveResult;
  readonly notices: readonly string[];
  readonly entries: readonly Entry[];
  readonly gaps: readonly string[];
  readonly judgement: Judgement;
  readonly divergence: Divergence | undefined;
}

const readPart = (path: string): readonly Entry[] => {
  const entries: Entry[] = [];
  new PartReader(path, (entry) => entries.push(entry)).push(readFileSync(path));
  return entries;
};

const replay = (setup: Setup, entries: readonly Entry[]): Divergence | undefined => {
  const machines = new Replay(setup);
  let divergence: Divergence | undefined;
  const reader = new TurnReader({
    turn: (turn) => {
      divergence ??= machines.take(turn);
    },
    fault: () => undefined,
  });
  for (const entry of entries) reader.push(entry);
  reader.finish();
  return divergence;
};

const judged = (setup: Setup, { end, faults }: LiveResult, entries: readonly Entry[]): Judgement => {
  const judge = judgeOf(setup);
  for (const { at, clock, actor, kind, body } of entries) if (kind === "fact") judge.announce({ at, clock, actor, fact: body });
  return judge.conclude(end, faults);
};

/** Runs to the end, and sees to it that no process is left. */
export const liveRun = (options: RunOptions): Effect.Effect<LiveRun, unknown, Scope> =>
  Effect.gen(function* () {
    const { cpus = 8, hosts = cpus, faults = [], setup = liveSetup(cpus) } = options;
    const run = newRun();
    const folder = join(yield* directory, run);
    const journals = join(folder, "journals");
    mkdirSync(journals, { recursive: true });
    const ending = new AbortController();
    const watch: Watch = { run, directory: folder, abort: () => ending.abort() };
    const notices: string[] = [];
    const { plan, problems } = planOf(faults, setup.seed);
    assert.deepStrictEqual(problems, []);
    const server = options.url === undefined ? { executable: yield* executable, directory: join(folder, "nats") } : { url: options.url };
    options.onRun?.(watch);
    const result = yield* Effect.scoped(
      runLive({
        setup,
        plan,
        hosts,
        timeLimitNs: options.timeLimitNs ?? 15e9,
        run,
        server,
        mains: options.mains ?? mains,
        env: process.env,
        journal: { directory: journals, mode: "full" },
        onFact: (_, fact) => options.onFact?.(fact, watch),
        onMessage: options.onMessage ?? null,
        viewing: options.viewing ?? null,
        onNotice: (text) => notices.push(text),
        signal: ending.signal,
      }),
    );
    assert.deepStrictEqual(processesOf(run), [], "processes left behind");
    const { entries, gaps } = mergeParts(result.journals.map(readPart));
    return {
      run,
      result,
      notices,
      entries,
      gaps: gaps.map(({ message }) => message),
      judgement: judged(setup, result, entries),
      divergence: replay(setup, entries),
    };
  });

type FactOf<Name extends Fact["fact"]> = Extract<Fact, { readonly fact: Name }>;

/** The facts of one kind, in the order of the merged journal. */
export const factsOf = <Name extends Fact["fact"]>({ entries }: LiveRun, name: Name): ReadonlyArray<FactOf<Name>> =>
  entries.flatMap(({ kind, body }) => (kind === "fact" && body.fact === name ? [body as FactOf<Name>] : []));

/** Ended by itself, whole, replayed alike, and nothing violated. */
export const assertSound = (live: LiveRun): void => {
  assert.strictEqual(live.result.end.ended, "finished", live.notices.join("\n"));
  assert.deepStrictEqual(live.gaps, []);
  assert.isUndefined(live.divergence);
  assert.deepStrictEqual(live.judgement.violations, []);
  assert.strictEqual(live.judgement.verdict, "valid", live.judgement.reasons.join("; "));
};
