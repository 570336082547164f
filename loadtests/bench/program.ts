// Runs one program to its end in bounded time, pinned to one core or free, and leaves no process of it behind.
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** With everything that it starts on one core: slower than free where work overlaps, but it repeats. */
  readonly pinned: boolean;
  readonly timeLimitMs?: number;
}

export interface Running {
  readonly pid: number;
  /** What the program printed. Rejects if it failed or took too long. */
  readonly output: Promise<string>;
}

const running = new Set<ChildProcess>();

/** Each program leads a process group of its own, so its children end with it even if it dies without a word. */
const signalGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
};

/** Asks first, because a program that may end by itself also removes its files; insists after a while. */
const endGroup = (child: ChildProcess): void => {
  signalGroup(child, "SIGTERM");
  setTimeout(signalGroup, 2000, child, "SIGKILL").unref();
};

const interrupted = (): void => {
  running.forEach(endGroup);
  setInterval(() => running.size === 0 && process.exit(130), 20);
  setTimeout(() => process.exit(130), 3000);
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupted);
process.on("exit", () => {
  for (const child of running) signalGroup(child, "SIGKILL");
});

export const start = ({ command, args, pinned, timeLimitMs = 120_000 }: Program): Running => {
  const line = pinned ? ["taskset", "-c", "0", command, ...args] : [command, ...args];
  const child = spawn(line[0] as string, line.slice(1), { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const said = (stream: Readable): Promise<string> => text(stream).catch(() => "");
  const output = Promise.all([said(child.stdout), said(child.stderr), ended(child, timeLimitMs)]).then(([out, log, end]) => {
    if (end === "exit 0") return out;
    throw new Error(
      [`${line.slice(0, 16).join(" ")}${line.length > 16 ? " ..." : ""}: ${end}`, ...log.trimEnd().split("\n").slice(-5)].join("\n  "),
    );
  });
  return { pid: child.pid ?? 0, output };
};

const ended = (child: ChildProcess, timeLimitMs: number): Promise<string> =>
  new Promise((resolve) => {
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      endGroup(child);
    }, timeLimitMs);
    const end = (how: string): void => {
      clearTimeout(limit);
      signalGroup(child, "SIGKILL");
      running.delete(child);
      resolve(late ? `not done after ${timeLimitMs / 1000} s` : how);
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) => end(code === null ? `killed by ${signal}` : `exit ${code}`));
  });
