// A process that stands still (SIGSTOP) for as long as its driver wants, and goes on when the driver ends, even by SIGKILL.
//
// A stopped process sees no pipe close: left alone it would stand there for ever. So a shell beside it holds a pipe from the driver,
// stops the process, and lets it go on when the pipe closes. The shell is in a session of its own: Ctrl-C at the terminal must not end
// it first.
import { spawn } from "node:child_process";
import { once } from "node:events";

const script = ['kill -STOP "$1" || exit 1', "read -r _", 'kill -CONT "$1"'].join("\n");

export interface Suspension {
  /** Lets the process go on. */
  readonly end: () => void;
  /** Resolves when it may go on again, whoever let it. */
  readonly ended: Promise<void>;
}

/** `letGoOn` is for the case that somebody ends the shell: it must not be lost who stands still. */
export const suspension = (pid: number, letGoOn: () => void): Suspension => {
  const shell = spawn("/bin/sh", ["-c", script, "sh", String(pid)], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  // The pipe of a shell that has ended is closed already.
  shell.stdin.on("error", () => undefined);
  return {
    end: () => shell.stdin.end(),
    // A shell that cannot be started has stopped nobody.
    ended: Promise.race([once(shell, "close"), once(shell, "error")]).then(letGoOn),
  };
};
