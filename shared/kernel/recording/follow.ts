// Follows the threads of an strace log line by line and hands out whole calls, however many lines each one took.
import type { Descriptor, Line } from "./strace.ts";

/** One call of one thread, from its entry to its exit. */
export interface Call {
  readonly name: string;
  readonly descriptor: Descriptor;
  /** As strace saw it; undefined for a call that never returned. */
  readonly tookNs: number | undefined;
  /** Since the thread's previous call ended, the tracer's stops included; undefined for a first call and after a signal. */
  readonly gapNs: number | undefined;
}

interface Thread {
  readonly firstNs: number;
  /** When the previous call ended; undefined where what follows is not plain user time. */
  endedNs: number | undefined;
  open: { readonly name: string; readonly descriptor: Descriptor; readonly gapNs: number | undefined } | undefined;
}

/** The threads of one log. */
export class Follower {
  private readonly alive = new Map<number, Thread>();
  private firstNs: number | undefined;
  private lastNs = 0;
  private livedNs = 0;
  /** Every thread that made a call. */
  threads = 0;

  /** The call that `line` completes, if it completes one. */
  next(line: Line): Call | undefined {
    this.firstNs ??= line.atNs;
    this.lastNs = Math.max(this.lastNs, line.atNs);
    if (line.kind === "exit") return this.exit(line.pid, line.atNs);
    const thread = this.thread(line.pid, line.atNs);
    switch (line.kind) {
      case "signal":
        // What follows is a handler, or the tracer's stop for the signal.
        thread.endedNs = undefined;
        return undefined;
      case "unfinished": {
        const previous = thread.open;
        thread.open = { name: line.name, descriptor: line.descriptor, gapNs: this.gap(thread, line.atNs) };
        thread.endedNs = undefined;
        return previous && { ...previous, tookNs: undefined };
      }
      case "resumed": {
        const open = thread.open;
        thread.open = undefined;
        thread.endedNs = line.atNs;
        // The entry of a call that was under way when strace attached is not in the log; its length is.
        return { name: open?.name ?? line.name, descriptor: open?.descriptor ?? "unknown", gapNs: open?.gapNs, tookNs: line.tookNs };
      }
      case "call": {
        const gapNs = this.gap(thread, line.atNs);
        thread.endedNs = line.tookNs === undefined ? undefined : line.atNs + line.tookNs;
        return { name: line.name, descriptor: line.descriptor, tookNs: line.tookNs, gapNs };
      }
    }
  }

  /** The calls that were still open when the log ended. */
  rest(): readonly Call[] {
    const open: Call[] = [];
    for (const thread of this.alive.values()) if (thread.open !== undefined) open.push({ ...thread.open, tookNs: undefined });
    return open;
  }

  /** How many threads lived at a time, on average over the log. */
  meanThreads(): number {
    let livedNs = this.livedNs;
    // A thread without a last line lived to the end of the log, most likely asleep.
    for (const thread of this.alive.values()) livedNs += this.lastNs - thread.firstNs;
    const spanNs = this.lastNs - (this.firstNs ?? 0);
    return spanNs > 0 ? livedNs / spanNs : this.threads;
  }

  private thread(pid: number, atNs: number): Thread {
    const known = this.alive.get(pid);
    if (known !== undefined) return known;
    const born: Thread = { firstNs: atNs, endedNs: undefined, open: undefined };
    this.alive.set(pid, born);
    this.threads++;
    return born;
  }

  private exit(pid: number, atNs: number): Call | undefined {
    const thread = this.alive.get(pid);
    if (thread === undefined) return undefined;
    this.alive.delete(pid);
    this.livedNs += atNs - thread.firstNs;
    return thread.open && { ...thread.open, tookNs: undefined };
  }

  private gap(thread: Thread, atNs: number): number | undefined {
    return thread.endedNs === undefined || atNs < thread.endedNs ? undefined : atNs - thread.endedNs;
  }
}
