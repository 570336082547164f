// Why requests were slow: the time from the intended start to the answer, taken apart, and whatever took most of it.
import { column } from "../kernel/requests/log.ts";
import type { Handlers } from "../oracle/monitor.ts";

export const causes = ["held", "stopped", "interrupts-off", "another-cpu", "signal", "queued", "load"] as const;
export type Cause = (typeof causes)[number];

/** For the manual and reports. */
export const causeHelp: Readonly<Record<Cause, string>> = {
  held: "held at the kernel boundary, or waiting while servers were",
  stopped: "the CPU was stopped, interrupts on",
  "interrupts-off": "the CPU was stopped, from its vote to its exit",
  "another-cpu": "the CPU waited for another one's answer",
  signal: "work that a fake signal made necessary",
  queued: "behind other requests",
  load: "its own work, sleeps, and its share of a busy CPU",
};

/** Time in ns by cause, in the order of `causes`. */
export type Parts = readonly number[];

/** When interrupts were off on each CPU: from its vote to its exit. */
export class IrqsOff {
  readonly on: Handlers;
  /** By CPU, in ns. */
  readonly totalNs = new Map<number, number>();
  readonly longestNs = new Map<number, number>();
  private readonly since = new Map<number, number>();
  /** The last few of each CPU: a request that waited for longer than these last is slow for other reasons. */
  private readonly recent = new Map<number, Array<readonly [from: number, to: number]>>();

  constructor() {
    this.on = {
      voted: ({ cpu }, at) => {
        this.since.set(cpu, at);
      },
      resumed: ({ cpu }, at) => this.end(cpu, at),
      withdrew: ({ cpu }, at) => this.end(cpu, at),
      booted: ({ cpu }) => {
        this.since.delete(cpu);
      },
    };
  }

  within(cpu: number, from: number, to: number): number {
    let ns = 0;
    for (const [since, until] of this.recent.get(cpu) ?? []) ns += Math.max(0, Math.min(until, to) - Math.max(since, from));
    return ns;
  }

  private end(cpu: number, at: number): void {
    const from = this.since.get(cpu);
    if (from === undefined) return;
    this.since.delete(cpu);
    this.totalNs.set(cpu, (this.totalNs.get(cpu) ?? 0) + at - from);
    this.longestNs.set(cpu, Math.max(at - from, this.longestNs.get(cpu) ?? 0));
    const recent = this.recent.get(cpu) ?? [];
    if (recent.push([from, at]) > recentLimit) recent.shift();
    this.recent.set(cpu, recent);
  }
}

const recentLimit = 16;

/** The parts of the row at `at`; they add up to its latency. */
export const partsOf = (rows: Float64Array, at: number, irqsOff: (from: number, to: number) => number): Parts => {
  const of = (name: keyof typeof column): number => rows[at + column[name]] as number;
  const off = of("stopped") === 0 ? 0 : Math.min(of("stopped"), irqsOff(of("intended"), of("done")));
  const kept = of("held") + of("stopped") + of("spun");
  const latency = of("done") - of("intended");
  const redone = Math.min(of("redone"), latency - kept);
  const queued = Math.max(0, Math.min(of("taken") - of("intended"), latency - redone) - kept);
  return [of("held"), of("stopped") - off, off, of("spun"), redone, queued, latency - kept - redone - queued];
};

/** What took most of the time; of equals the first. */
export const mainCauseOf = (parts: Parts): Cause => causes[parts.indexOf(Math.max(...parts))] as Cause;
