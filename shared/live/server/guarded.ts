// A program that ends when whoever started it ends, even by SIGKILL: a shell beside it holds a pipe from its owner.
//
// The owner never writes into the pipe. When the owner is gone, the system closes it, the shell's `read` returns, and the program
// is killed. The shell also waits for the program, so that the program's end is the shell's end.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const script = [
  "exec 3<&0 </dev/null",
  '"$@" 3<&- >&2 & program=$!',
  '{ read -r _ <&3; kill -KILL "$program"; } & guard=$!',
  "exec 3<&-",
  'echo "$program"',
  'wait "$program"',
  "status=$?",
  'kill -KILL "$guard"',
  'exit "$status"',
].join("\n");

/** Bytes kept of what the program printed. */
const printedLimit = 4096;

export interface Guarded {
  /** The program's own process id. */
  readonly pid: number;
  /** Resolves when the program has ended, with what it printed last. */
  readonly ended: Promise<string>;
  readonly hasEnded: () => boolean;
  /** Asks with SIGTERM, then insists with SIGKILL. Resolves when it has ended. */
  readonly stop: (graceMs: number) => Promise<void>;
}

const firstLine = async (child: ChildProcess): Promise<string> => {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  return text;
};

const signal = (pid: number): void => {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended already.
  }
};

/** Starts a program in a session of its own, so that Ctrl-C at the terminal is its owner's to handle. */
export const startGuarded = async (command: string, args: readonly string[]): Promise<Guarded> => {
  const child = spawn("/bin/sh", ["-c", script, "sh", command, ...args], { detached: true, stdio: ["pipe", "pipe", "pipe"] });
  let printed = "";
  child.stderr.on("data", (chunk) => {
    printed = (printed + String(chunk)).slice(-printedLimit);
  });
  const failed = once(child, "error").then(([error]) => Promise.reject(error));
  failed.catch(() => undefined);
  const ended = Promise.race([once(child, "close").then(() => printed), failed]);
  ended.catch(() => undefined);
  const pid = Number(await Promise.race([firstLine(child), failed]));
  // Signals to 0 would go to ourselves.
  if (!(pid > 0)) throw new Error(`the shell beside ${command} did not say its process id: ${printed}`);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid,
    ended,
    hasEnded,
    stop: async (graceMs) => {
      if (!hasEnded()) signal(pid);
      const insist = setTimeout(() => child.stdin.destroy(), graceMs);
      await ended;
      clearTimeout(insist);
      child.stdin.destroy();
    },
  };
};
