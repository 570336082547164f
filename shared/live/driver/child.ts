// One process of a run as its driver sees it: started with a spec, told orders, heard from until it ends.
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { size } from "../../machine/cpuSet.ts";
import { cpusOf } from "../bus/layout.ts";
import type { Speaker } from "../bus/subjects.ts";
import { lineReader, type Order, type ProcessSpec, type Report } from "../process/control.ts";
import { toMs } from "../process/timers.ts";
import { type Suspension, suspension } from "./suspension.ts";

/** Characters kept of what a process printed on stderr, for the message if it fails. */
const printedLimit = 4_000;

/** What others end a process with. Any other signal is a process's own doing. */
const fromOutside: ReadonlyArray<NodeJS.Signals | null> = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];

/** What makes a process cheap to start. Whoever starts a run may say otherwise. */
const cheap: NodeJS.ProcessEnv = {
  // Compiled code is kept from run to run.
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../../.cache/compile", import.meta.url)),
  // What it would speed up is long texts, and frames hold numbers.
  MSGPACKR_NATIVE_ACCELERATION_DISABLED: "true",
};

const quietly = ["--disable-warning=ExperimentalWarning"];

/** What a coordinator has in hand of so many it collects in a millisecond. */
const fewCpus = 256;

/** One CPU allocates little and compiles little: it needs no threads for that, nor megabytes of young objects. */
const flagsFor = ({ role, layout, number }: ProcessSpec): readonly string[] => {
  const small = role === "host" && size(cpusOf(layout, number)) === 1;
  if (small) return [...quietly, "--max-semi-space-size=1", "--v8-pool-size=1"];
  // Nor does the coordinator of a few: left alone its young objects' space grows for as long as ten thousand patches, to 100 MB.
  return role === "coordinator" && layout.cpus <= fewCpus ? [...quietly, "--max-semi-space-size=4"] : quietly;
};

export interface Exit {
  /** Killed: somebody ended it, and as far as the machine is concerned its actors have died. */
  readonly kind: "clean" | "killed" | "failed";
  /** How it ended, in words. */
  readonly how: string;
}

export interface ChildEvents {
  readonly onReport: (report: Report) => void;
  /** After the last report. */
  readonly onExit: (exit: Exit) => void;
}

/** A process of a run as its driver sees it, wherever it is. */
export interface Supervised {
  readonly spec: ProcessSpec;
  /** Where to find it, in words. */
  readonly place: string;
  /** Resolves after `onExit`. */
  readonly ended: Promise<void>;
  readonly tell: (order: Order) => void;
  readonly kill: () => void;
  readonly suspend: (forNs: number) => Promise<void>;
  readonly resume: () => void;
}

/** Resolves when all have ended, or after so long. */
export const endedWithin = async (all: ReadonlyArray<{ readonly child: Supervised }>, ms: number): Promise<void> => {
  const waiting = new AbortController();
  const limit = sleep(ms, undefined, { signal: waiting.signal }).catch(() => undefined);
  await Promise.race([Promise.all(all.map(({ child }) => child.ended)), limit]);
  waiting.abort();
};

/** Starts a process and gives it its spec. */
export type Launch = (spec: ProcessSpec, events: ChildEvents) => Supervised;

export interface ChildrenOptions {
  /** Entry files of the processes. */
  readonly mains: { readonly host: string; readonly coordinator: string };
  /** Put before the command that starts a process, to start it somewhere else than here; it must become that process. */
  readonly within?: (who: Speaker) => readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Starts processes as children of this one. */
export const childrenOf =
  ({ mains, within = () => [], env }: ChildrenOptions): Launch =>
  (spec, events) =>
    new Child([...within(spec), process.execPath], mains[spec.role], spec, env, events);

class Child implements Supervised {
  readonly spec: ProcessSpec;
  readonly ended: Promise<void>;
  private hasEnded = false;
  private readonly suspensions = new Set<Suspension>();
  private readonly process: ChildProcess;
  private readonly pid: number;

  /** Its session is its own: Ctrl-C at the terminal is for the driver, which ends the run in good order. */
  constructor([command, ...before]: readonly string[], main: string, spec: ProcessSpec, env: NodeJS.ProcessEnv, events: ChildEvents) {
    this.spec = spec;
    // The last two are for whoever looks at a list of processes.
    const args = [...before, ...flagsFor(spec), main, `${spec.role}-${spec.number}`, spec.run];
    const stdio = ["pipe", "ignore", "pipe", "pipe"] as const;
    this.process = spawn(command as string, args, { stdio: [...stdio], env: { ...cheap, ...env }, detached: true });
    this.pid = this.process.pid ?? -1;
    let printed = "";
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-printedLimit);
    });
    const read = lineReader((line) => events.onReport(JSON.parse(line) as Report));
    const reports = this.process.stdio[3] as Readable | undefined;
    reports?.setEncoding("utf8").on("data", read);
    // A write to a process that has just died fails here; its exit tells the rest.
    this.process.stdin?.on("error", () => undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    const end = (exit: Exit): void => {
      if (this.hasEnded) return;
      this.hasEnded = true;
      this.resume();
      events.onExit(exit);
      resolve();
    };
    this.process.on("error", (error) => end({ kind: "failed", how: `did not start: ${error.message}` }));
    // Not "exit": what it has said last may still be in the pipe then.
    this.process.on("close", (code, signal) => {
      const how = `ended by ${signal ?? `exit code ${code}`}: ${printed.trim() || "it printed nothing"}`;
      end({ kind: code === 0 ? "clean" : fromOutside.includes(signal) ? "killed" : "failed", how });
    });
    this.process.stdin?.write(`${JSON.stringify(spec)}\n`);
  }

  get place(): string {
    return `process ${this.pid}`;
  }

  tell(order: Order): void {
    if (!this.hasEnded) this.process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  kill(): void {
    if (!this.hasEnded) this.process.kill("SIGKILL");
  }

  /** Lets it stand still for a while, wherever it is. Resolves when it goes on, or has ended. */
  async suspend(forNs: number): Promise<void> {
    const one = suspension(this.pid, () => this.hasEnded || this.process.kill("SIGCONT"));
    this.suspensions.add(one);
    const timer = setTimeout(one.end, toMs(forNs));
    await one.ended;
    clearTimeout(timer);
    this.suspensions.delete(one);
  }

  /** Whatever it was to stand still for is over. */
  resume(): void {
    for (const { end } of this.suspensions) end();
  }
}
