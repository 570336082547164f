// One process of a run as its driver sees it: started with a spec, told orders, heard from until it ends.
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { lineReader, type Order, type ProcessSpec, type Report } from "../process/control.ts";

/** Characters kept of what a process printed on stderr, for the message if it fails. */
const printedLimit = 4_000;

export interface ChildEvents {
  readonly onReport: (child: Child, report: Report) => void;
  readonly onExit: (child: Child, exit: { readonly code: number | null; readonly printed: string }) => void;
}

export class Child {
  readonly spec: ProcessSpec;
  readonly pid: number;
  hasExited = false;
  private readonly process: ChildProcess;

  constructor(main: string, spec: ProcessSpec, env: NodeJS.ProcessEnv, events: ChildEvents) {
    this.spec = spec;
    this.process = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main], {
      stdio: ["pipe", "ignore", "pipe", "pipe"],
      env,
    });
    this.pid = this.process.pid ?? -1;
    let printed = "";
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-printedLimit);
    });
    const read = lineReader((line) => events.onReport(this, JSON.parse(line) as Report));
    const reports = this.process.stdio[3] as Readable | undefined;
    reports?.setEncoding("utf8").on("data", read);
    // A write to a process that has just died fails here; its exit tells the rest.
    this.process.stdin?.on("error", () => undefined);
    const exit = (code: number | null, text: string): void => {
      if (this.hasExited) return;
      this.hasExited = true;
      events.onExit(this, { code, printed: text });
    };
    this.process.on("error", (error) => exit(null, error.message));
    this.process.on("close", (code) => exit(code, printed));
    this.process.stdin?.write(`${JSON.stringify(spec)}\n`);
  }

  tell(order: Order): void {
    if (!this.hasExited) this.process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  kill(): void {
    if (!this.hasExited) this.process.kill("SIGKILL");
  }
}
