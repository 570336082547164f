// A run whose processes are started by hand, as people would: commands on a server that is there, each with what it says on stderr.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import * as Effect from "effect/Effect";
import { listen } from "../../shared/live/bus/incoming.ts";
import type { Layout } from "../../shared/live/bus/layout.ts";
import type { Incoming } from "../../shared/live/bus/reading.ts";
import type { Phase } from "../../shared/protocol/messages.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { processesOf } from "./liveRun.ts";
import { connectTo, directory, recorder, until } from "./onServer.ts";

export const main = fileURLToPath(new URL("../../services/cli/main.ts", import.meta.url));

/** A command under way. */
export interface Command {
  readonly process: ChildProcess;
  /** What it has said by now. */
  readonly said: () => string;
  readonly printed: Promise<string>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export interface JoinedRun {
  readonly run: string;
  readonly folder: string;
  /** `within` is put before the command. */
  readonly start: (verb: string, flags: readonly string[], within?: readonly string[]) => Command;
  readonly cpu: (flags?: readonly string[], within?: readonly string[]) => Command;
  readonly coordinator: (flags: readonly string[], within?: readonly string[]) => Command;
}

/** Commands of one run on this server; whatever of them is left at the end is killed. */
export const joinedRun = (url: string) =>
  Effect.gen(function* () {
    const run = `test-${randomBytes(6).toString("hex")}`;
    const folder = yield* directory;
    const processes: ChildProcess[] = [];
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const one of processes) one.kill("SIGKILL");
        // One that stands still does not see that its driver has gone.
        signalAsking(run, "SIGKILL");
      }),
    );
    const start: JoinedRun["start"] = (verb, flags, within = []) => {
      const args = [
        ...within,
        process.execPath,
        "--disable-warning=ExperimentalWarning",
        main,
        verb,
        "--nats",
        url,
        "--run",
        run,
        ...flags,
      ];
      const child = spawn(args[0] as string, args.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
      processes.push(child);
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        said += chunk;
      });
      const ended = new Promise<number | NodeJS.Signals | null>((resolve) => child.on("close", (code, how) => resolve(code ?? how)));
      return { process: child, said: () => said, printed: text(child.stdout), ended };
    };
    return {
      run,
      folder,
      start,
      cpu: (flags = [], within = []) => start("cpu", ["--join", ...flags], within),
      coordinator: (flags, within = []) => start("coordinator", [...flags, "--json", "--out", join(folder, "runs")], within),
    } satisfies JoinedRun;
  });

export const heardOf = (command: Command, what: string, limitMs = 60_000) =>
  until(`"${what}", where it says: ${command.said()}`, () => command.said().includes(what), limitMs);

/** A coordinator asks for this phase. */
export const isAskFor = (incoming: Incoming, phase: Phase): boolean =>
  incoming.kind === "asks" && incoming.items.some(({ msg }) => msg.kind !== "welcome" && msg.ask.do === phase);

/** Resolves when a coordinator asks its hosts for this phase; `act` is done at that very moment. */
export const askedFor = (url: string, { run }: JoinedRun, layout: Layout, phase: Phase, act: () => void = () => undefined) =>
  Effect.gen(function* () {
    let asked = false;
    const { bus } = yield* connectTo(url, recorder);
    listen(bus, run, recorder, layout, (incoming) => {
      if (!asked && isAskFor(incoming, phase)) {
        asked = true;
        act();
      }
      return undefined;
    });
    yield* Effect.promise(() => bus.flush());
    return until(`a coordinator asks for ${phase}`, () => asked, 60_000);
  });

/** The exit code and the summary of a coordinator. */
export const outcomeOf = (command: Command) =>
  Effect.promise(async () => {
    const [code, printed] = await Promise.all([command.ended, command.printed]);
    return { code, summary: (printed === "" ? undefined : JSON.parse(printed)) as Summary | undefined, said: command.said() };
  });

/**
 * Lets the coordinator stand still, and not its driver: what it has asked for stays open, for as long as somebody outside needs, and no
 * lease ends of it.
 */
export const signalAsking = (run: string, how: NodeJS.Signals): void => {
  for (const { pid, args } of processesOf(run)) if (args.includes(" coordinator-0 ")) process.kill(pid, how);
};

/** Signals a driver and its coordinators. */
export const signalCoordinator = (run: string, driver: Command, how: NodeJS.Signals): void => {
  const own = processesOf(run).filter(({ args }) => args.includes(" coordinator-0 "));
  driver.process.kill(how);
  for (const { pid } of own) process.kill(pid, how);
};

/** Signals a host's agent and its process: all of the host, as a container is stopped. */
export const signalHost = (run: string, agent: Command, host: number, how: NodeJS.Signals): void => {
  agent.process.kill(how);
  for (const { pid, args } of processesOf(run)) if (args.includes(` host-${host} `)) process.kill(pid, how);
};
