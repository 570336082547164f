// A program that ends when whoever started it ends, even by SIGKILL: a shell beside it holds a pipe from its owner.
//
// The owner never writes into the pipe. When the owner is gone, the system closes it, the guard's `read` returns, the program is
// killed, and its directory, which may hold secrets, goes with it. The shell also waits for the program, so that the program's end
// is the shell's end.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

const script = [
  "directory=$1 orphaned=",
  "shift",
  "exec 3<&0 </dev/null",
  // Set before the guard can send it. Nobody reads our complaints any more: one word of them would end the shell.
  "trap 'orphaned=yes; exec 2>/dev/null; kill -KILL \"$program\"' USR1",
  '"$@" 3<&- >&2 & program=$!',
  '{ read -r _ <&3; kill -USR1 "$$"; } & guard=$!',
  "exec 3<&-",
  'echo "$program"',
  'wait "$program"',
  "status=$?",
  'kill -KILL "$guard"',
  'if [ "$orphaned" ]; then',
  // The signal ended the first wait, and a program that still ends may still write.
  '  wait "$program"',
  '  case $directory in ""|/) ;; *) rm -rf -- "$directory";; esac',
  "fi",
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
  readonly kill: () => void;
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

const signal = (pid: number, how: NodeJS.Signals): void => {
  try {
    process.kill(pid, how);
  } catch {
    // It has ended already.
  }
};

/**
 * Starts a program in a session of its own, so that Ctrl-C at the terminal is its owner's to handle. `directory` is removed if the
 * owner ends without stopping the program; an owner that lives removes it by itself.
 */
export const startGuarded = async (command: string, args: readonly string[], directory?: string): Promise<Guarded> => {
  const removed = directory === undefined ? "" : resolve(directory);
  const child = spawn("/bin/sh", ["-c", script, "sh", removed, command, ...args], { detached: true, stdio: ["pipe", "pipe", "pipe"] });
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
    kill: () => {
      if (!hasEnded()) signal(pid, "SIGKILL");
    },
    stop: async (graceMs) => {
      if (!hasEnded()) signal(pid, "SIGTERM");
      const insist = setTimeout(() => signal(pid, "SIGKILL"), graceMs);
      await ended;
      clearTimeout(insist);
      child.stdin.destroy();
    },
  };
};
