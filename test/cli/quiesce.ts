// The real command in a directory of its own: in a process of its own, or in one that carries out many.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll } from "vitest";

const main = fileURLToPath(new URL("../../services/cli/main.ts", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command for the process that carries out many. */
export interface Asked {
  readonly number: number;
  readonly cwd: string;
  readonly args: readonly string[];
  /** Nothing of it is there without. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Running {
  readonly finished: Promise<Finished>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** On stderr, so far. */
  readonly said: () => string;
  /** Until stderr or a file says that it is under way. Rejects if it ends before that. */
  readonly until: (holds: () => boolean) => Promise<void>;
}

const directories: string[] = [];

afterAll(() => {
  server?.disconnect();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A directory to run in, removed after the tests of the file. */
export const scratch = (files: Readonly<Record<string, string>> = {}): string => {
  const directory = mkdtempSync(join(tmpdir(), "quiesce-cli-"));
  directories.push(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
};

/** Nothing of the environment that the tests run in may configure the command. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("QUIESCE_") || name === "QUIESCE_NATS_SERVER"));

export const start = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running => {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended before it was waited for: ${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return { finished, kill: (signal) => child.kill(signal), said: () => stderr, until };
};

export const quiesce = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> =>
  start(cwd, args, env).finished;

let server: ChildProcess | undefined;
const asked: Array<PromiseWithResolvers<Finished>> = [];

const startServer = (): ChildProcess => {
  const child = fork(new URL("commandServer.ts", import.meta.url), {
    env: cleanEnvironment(),
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  child.on("message", (answer: { readonly asked: number; readonly finished: Finished }) => asked[answer.asked]?.resolve(answer.finished));
  child.once("exit", (code, signal) => {
    for (const { reject } of asked) reject(new Error(`the process of the commands ended with ${code ?? signal}`));
  });
  return child;
};

/**
 * The same in one process for all commands of a test file, one after the other, since to start one costs more than most of what a
 * command does. For what is said and written; not for signals, and not for how a process ends.
 */
export const command = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> => {
  server ??= startServer();
  const answer = Promise.withResolvers<Finished>();
  const number = asked.push(answer) - 1;
  const order: Asked = { number, cwd, args, env };
  server.send(order);
  return answer.promise;
};

/** A file of the run that was started last. */
export const latest = (cwd: string, name: string): string => readFileSync(join(cwd, "runs", "latest", name), "utf8");

export const latestFiles = (cwd: string): readonly string[] => readdirSync(join(cwd, "runs", "latest")).sort();

export const latestJournal = (cwd: string): string =>
  gunzipSync(readFileSync(join(cwd, "runs", "latest", "journal.ndjson.gz"))).toString("utf8");
