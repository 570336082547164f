// Builds a workload from an strace log: what the program asked of the kernel, how often, how long it slept and where.
//
// The log says which calls are made, in which proportion, by how many threads, and how long they block. It cannot say what a
// call costs, because stopping it costs more: see loadtests/workloads/README.md for what is measured, corrected and uncertain.
import { BadInput } from "../../machine/badInput.ts";
import type { Distribution } from "../distribution.ts";
import type { SystemCall, Workload } from "../workload.ts";
import { restartsOf, type Sleep, sleepOf } from "./calls.ts";
import { type Call, Follower } from "./follow.ts";
import { type Background, type Native, shippedBackground, shippedNative, unmeasured } from "./native.ts";
import { Calibration, type Overhead } from "./overhead.ts";
import { quantile, quantiles, Sample } from "./sample.ts";
import { readLine } from "./strace.ts";

export interface ImportOptions {
  readonly name: string;
  readonly title?: string;
  /** The program and command lines, for the workload's `source`. */
  readonly source?: string;
  /** CPUs of the machine that was recorded, for the tasks per CPU. */
  readonly cpus?: number;
  /** What the tracer added to each call and to each gap between two; found in the log itself unless given. */
  readonly overheadNs?: number;
  readonly gapOverheadNs?: number;
  readonly native?: Native;
  readonly background?: Background;
}

/** What became of the log. */
export interface ImportReport {
  readonly lines: number;
  readonly calls: number;
  readonly threads: number;
  readonly malformed: number;
  /** The first malformed lines, each with its number and what is wrong. */
  readonly messages: readonly string[];
  /** Calls without an end: the thread exited, was killed, or the log stopped. */
  readonly neverReturned: number;
  readonly overhead: Overhead;
  /** Calls whose time on CPU is below what the tracer resolves, so that it was taken from untraced measurements. */
  readonly native: readonly string[];
}

export interface Imported {
  readonly workload: Workload;
  readonly report: ImportReport;
}

/** Enough to say which lines and why; a log that is of something else altogether would repeat itself. */
const messageLimit = 5;
/** Calls rarer than one in 10,000 say more about the start of the program than about the program. */
const rarest = 1e-4;
const cpuPoints = 17;
const sleepPoints = 33;
/** One yardstick call in a hundred looks like a sleep; what is not clearly more often than that is not one. */
const falseSleeps = 0.01;
const believed = 0.03;

/** All calls of one name, apart by how they would sleep. */
class Group {
  count = 0;
  readonly name: string;
  readonly samples = new Map<Sleep | "none", Sample>();

  constructor(name: string) {
    this.name = name;
  }

  add(call: Call): void {
    this.count++;
    if (call.tookNs === undefined) return;
    const kind = sleepOf(call.name, call.descriptor) ?? "none";
    const sample = this.samples.get(kind) ?? new Sample(`${call.name}-${kind}`);
    this.samples.set(kind, sample);
    sample.add(call.tookNs);
  }

  /** What is left of every duration once the tracer's share is taken off, split at what must have been a sleep. */
  split(overhead: Overhead): { readonly short: readonly number[]; readonly long: ReadonlyMap<Sleep, readonly number[]> } {
    let short: number[] = [];
    const long = new Map<Sleep, readonly number[]>();
    for (const [kind, sample] of this.samples) {
      const corrected = sample.ascending().map((tookNs) => Math.max(0, tookNs - overhead.callNs));
      const first = corrected.findIndex((ns) => ns > overhead.resolutionNs);
      const awake = kind === "none" || first < 0 ? corrected.length : first;
      short = short.concat(corrected.slice(0, awake));
      if (kind !== "none" && awake < corrected.length) long.set(kind, corrected.slice(awake));
    }
    return { short: short.sort((a, b) => a - b), long };
  }
}

/** The sleep that a call's long durations show, if they are clearly more than the tracer's own hiccups. */
const sleepIn = (long: ReadonlyMap<Sleep, readonly number[]>, total: number): SystemCall["sleep"] => {
  const slept = [...long.values()].reduce((sum, values) => sum + values.length, 0);
  const share = slept / total;
  if (!(share >= believed)) return undefined;
  const [kind] = [...long].sort((a, b) => b[1].length - a[1].length)[0] as [Sleep, readonly number[]];
  const all = [...long.values()].flat().sort((a, b) => a - b);
  return {
    probability: round((share - falseSleeps) / (1 - falseSleeps)),
    kind,
    ns: { kind: "quantiles", ns: quantiles(all, sleepPoints) },
  };
};

const round = (value: number): number => Number(value.toPrecision(4));

/** One entry of the mix, and whether its time on CPU had to come from elsewhere. */
const callOf = (
  group: Group,
  share: number,
  overhead: Overhead,
  native: Native,
): { readonly call: SystemCall; readonly borrowed: boolean } => {
  const { short, long } = group.split(overhead);
  const total = short.length + [...long.values()].reduce((sum, values) => sum + values.length, 0);
  const known = native.calls[group.name];
  // What was measured untraced is better than what is left after the tracer, where there is a choice.
  const visible = known?.share === undefined && short.length > 0 && quantile(short, 0.5) > overhead.resolutionNs;
  const measured = known?.cpuNs ?? unmeasured;
  const cpuNs: Distribution = visible ? { kind: "quantiles", ns: quantiles(short, cpuPoints) } : measured;
  const seen = known?.sleep ?? sleepIn(long, total);
  const sleep = seen === "never" ? undefined : seen;
  const restarts = restartsOf(group.name);
  return {
    call: { name: group.name, weight: round(known?.share ?? share), cpuNs, ...(sleep === undefined ? {} : { sleep }), restarts },
    borrowed: !visible,
  };
};

/** Time in user mode between calls: the part of each gap that is above what the tracer adds, a microsecond where none is. */
const userTime = (gaps: Sample, overhead: Overhead): Distribution => {
  const above = gaps.ascending().map((gapNs) => (gapNs - overhead.gapNs > overhead.resolutionNs ? gapNs - overhead.gapNs : 1_000));
  return above.length === 0 ? { kind: "constant", ns: 1_000 } : { kind: "quantiles", ns: quantiles(above, sleepPoints) };
};

/** Takes a log line by line; `finish` makes the workload of it. Lines that make no sense are counted and skipped. */
export class Importer {
  private readonly options: ImportOptions;
  private readonly groups = new Map<string, Group>();
  private readonly calibration = new Calibration();
  private readonly gaps = new Sample("gaps");
  private readonly follower = new Follower();
  private readonly messages: string[] = [];
  private lines = 0;
  private calls = 0;
  private malformed = 0;
  private neverReturned = 0;

  constructor(options: ImportOptions) {
    this.options = options;
  }

  line(text: string): void {
    this.lines++;
    if (text.trim() === "") return;
    const line = readLine(text);
    if (line.kind !== "malformed") {
      this.count(this.follower.next(line));
      return;
    }
    this.malformed++;
    if (this.messages.length < messageLimit) this.messages.push(`line ${this.lines}: ${line.why}: ${JSON.stringify(text.slice(0, 60))}`);
  }

  /** The workload; a log without a single timed call is bad input. */
  finish(): Imported {
    for (const call of this.follower.rest()) this.count(call);
    if (this.calls === 0) {
      const example = this.messages.length > 0 ? ` (${this.messages[0]})` : "";
      throw new BadInput(this.options.name, "", `no system call as \`strace -f -ttt -T\` prints it in ${this.lines} lines${example}`);
    }
    if (this.neverReturned === this.calls)
      throw new BadInput(this.options.name, "", "no call has a duration: record with `strace -f -ttt -T`");
    const overhead = this.calibration.overhead(this.options.overheadNs, this.options.gapOverheadNs);
    const { workload, native } = this.build(overhead);
    const { lines, calls, malformed, messages, neverReturned } = this;
    return { workload, report: { lines, calls, threads: this.follower.threads, malformed, messages, neverReturned, overhead, native } };
  }

  private count(call: Call | undefined): void {
    if (call === undefined) return;
    this.calls++;
    if (call.tookNs === undefined) this.neverReturned++;
    if (call.gapNs !== undefined) this.gaps.add(call.gapNs);
    this.calibration.add(call.name, call.tookNs, call.gapNs);
    const group = this.groups.get(call.name) ?? new Group(call.name);
    this.groups.set(call.name, group);
    group.add(call);
  }

  private build(overhead: Overhead): { readonly workload: Workload; readonly native: readonly string[] } {
    const { name, title, source, cpus, background } = this.options;
    const native = this.options.native ?? shippedNative;
    const kept = [...this.groups.values()].filter((group) => group.count / this.calls >= rarest);
    const parts = kept
      .map((group) => callOf(group, group.count / this.calls, overhead, native))
      .sort((a, b) => b.call.weight - a.call.weight || (a.call.name < b.call.name ? -1 : 1));
    const workload: Workload = {
      schema: "quiesce.workload/1",
      name,
      title: title ?? `${name}, recorded with strace`,
      source: `${source === undefined ? "" : `${source}; `}${corrections(overhead, native)}`,
      tasksPerCpu: Math.max(1, Math.ceil(this.follower.meanThreads() / (cpus ?? 1))),
      userNs: native.userNs ?? userTime(this.gaps, overhead),
      calls: parts.map((part) => part.call),
      // A log of system calls shows none.
      nmis: { perSecond: 0 },
      ...(background ?? shippedBackground),
    };
    return { workload, native: parts.filter((part) => part.borrowed).map((part) => part.call.name) };
  }
}

/** How the tracer was taken out, for the workload's `source`. */
const corrections = ({ callNs, gapNs, resolutionNs, from }: Overhead, native: Native): string => {
  const us = (ns: number): string => `${Number((ns / 1_000).toPrecision(3))} us`;
  return `strace's ${us(callNs)} taken off each call (from: ${from}) and ${us(gapNs)} off each gap; what is shorter than ${us(resolutionNs)} then comes from ${native.source}`;
};

/** Imports a log that is at hand as a whole. */
export const importStrace = (lines: Iterable<string>, options: ImportOptions): Imported => {
  const importer = new Importer(options);
  for (const line of lines) importer.line(line);
  return importer.finish();
};
