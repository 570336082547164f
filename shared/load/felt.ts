// What users felt of a run under load, as plain data: what a report shows and thresholds are held against.
import type { Histogram } from "hdr-histogram-js";
import type { Pace } from "../protocol/setup.ts";
import type { AroundFelt } from "./around.ts";
import { type Cause, causes, type Parts } from "./causes.ts";
import { type CcdfPoint, ccdfOf, type LoadPhase, merged, printHlog, spreadOf } from "./latency.ts";
import type { Balance } from "./ledger.ts";
import { type Measured, type SlowRequest, taggedHistograms } from "./meter.ts";
import { type PerCpu, perCpuOf } from "./perCpu.ts";
import { Books, type Perturbation, perturbationOf, type Stretch } from "./perturbation.ts";
import type { Thresholded } from "./threshold.ts";

/** One operation, as the load felt it. Times are us of the engine's clock. */
export interface OperationFelt {
  readonly operation: string;
  readonly openedUs: number;
  /** Null of one that never ended. */
  readonly closedUs: number | null;
  /** How long after its planned time it began. */
  readonly lateUs: number;
  /** Requests that were in the machine at some moment of it, and their latencies. */
  readonly met: number;
  readonly p99Us: number;
  readonly maxUs: number;
  /** Null where there was no time before or after it to compare with. */
  readonly dip: Perturbation | null;
}

export interface SlowFelt {
  readonly cpu: number;
  readonly request: number;
  readonly atUs: number;
  readonly latencyUs: number;
  readonly phase: LoadPhase;
  readonly cause: Cause;
  readonly partsUs: Readonly<Record<Cause, number>>;
}

export interface Felt extends Thresholded {
  /** Calls between CPUs while there was load: a second of the whole machine, and copies of those that were not answered in time. */
  readonly calls: { readonly plannedPerSecond: number; readonly perSecond: number; readonly resent: number };
  /** The same of reschedule interrupts; `lost` are those that had not arrived by the end. */
  readonly reschedules: { readonly plannedPerSecond: number; readonly perSecond: number; readonly lost: number };
  readonly balance: Balance;
  readonly ccdf: Readonly<Record<LoadPhase, readonly CcdfPoint[]>>;
  /** What counts as slow. */
  readonly slowUs: number | null;
  readonly slow: ReadonlyArray<{ readonly cause: Cause } & Readonly<Record<LoadPhase, number>>>;
  readonly worst: readonly SlowFelt[];
  /** The first request over `--break-over`. */
  readonly outlier: SlowFelt | null;
  /** The first thousand. */
  readonly operations: readonly OperationFelt[];
  readonly operationsMet: number;
  /** What is asked of a CPU in an operation, on the average: each ask disturbs it, whatever it runs. */
  readonly asksPerOperation: number;
  readonly perCpu: PerCpu;
  readonly binUs: number;
  /** Null where no operation came to its end. */
  readonly around: AroundFelt | null;
}

export interface FeltOptions {
  readonly fromNs: number;
  readonly endAt: number;
  readonly afterNs: number;
  readonly pace: Pace;
  readonly cpus: number;
  /** Requests a second of the whole machine, on the average. */
  readonly perSecond: number;
  /** Operations that were planned. */
  readonly planned: number;
  /** Calls between CPUs that were planned, of the whole machine. */
  readonly callsPerSecond: number;
  readonly reschedulesPerSecond: number;
}

const operationsTold = 1_000;

const us = (ns: number): number => Math.round(ns) / 1000;

const median = (values: readonly number[]): number | null => {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
};

const spreadsOf = ({ before, during, after }: Readonly<Record<LoadPhase, Histogram>>): Felt["latencyUs"] => ({
  all: spreadOf(merged([before, during, after])),
  before: spreadOf(before),
  during: spreadOf(during),
  after: spreadOf(after),
});

const histogramsOf = ({ phases: { before, during, after } }: Measured, what: "latency" | "service"): Record<LoadPhase, Histogram> => ({
  before: before[what],
  during: during[what],
  after: after[what],
});

/** While there was load. None planned is none to fall short of. */
const callsOf = ({ calls }: Measured, { fromNs, endAt, callsPerSecond }: FeltOptions): Pick<Felt, "calls" | "called"> => {
  const perSecond = endAt > fromNs ? calls.ended / ((endAt - fromNs) / 1e9) : 0;
  return {
    calls: { plannedPerSecond: callsPerSecond, perSecond, resent: calls.resent },
    called: callsPerSecond > 0 ? perSecond / callsPerSecond : null,
  };
};

const reschedulesOf = (
  { reschedules: { sent, arrived } }: Measured,
  { fromNs, endAt, reschedulesPerSecond }: FeltOptions,
): Pick<Felt, "reschedules" | "rescheduled"> => {
  const perSecond = endAt > fromNs ? arrived / ((endAt - fromNs) / 1e9) : 0;
  return {
    reschedules: { plannedPerSecond: reschedulesPerSecond, perSecond, lost: Math.max(0, sent - arrived) },
    rescheduled: reschedulesPerSecond > 0 ? perSecond / reschedulesPerSecond : null,
  };
};

const slowFelt = ({ cpu, id, intended, done, phase, cause, parts }: SlowRequest): SlowFelt => ({
  cpu,
  request: id,
  atUs: us(intended),
  latencyUs: us(done - intended),
  phase,
  cause,
  partsUs: partsByCause(parts),
});

const partsByCause = (parts: Parts): Readonly<Record<Cause, number>> =>
  Object.fromEntries(causes.map((cause, i) => [cause, us(parts[i] as number)])) as Record<Cause, number>;

/** What is usual is what was so since the wake of the operation before, but for the first moments of the load. */
const usualBefore = ({ windows }: Measured, index: number, { fromNs, afterNs }: FeltOptions): Stretch => {
  const { openedAt } = windows[index] as Measured["windows"][number];
  const last = windows[index - 1]?.closedAt;
  return { from: last === undefined ? fromNs + (openedAt - fromNs) / 4 : last + afterNs, to: openedAt };
};

const operationsOf = (measured: Measured, options: FeltOptions): readonly OperationFelt[] => {
  const books = new Books(measured.arrived, measured.served);
  return measured.operations.map(({ window, met, p99Ns, maxNs }, index) => {
    const { operation, openedAt, closedAt } = window;
    const closed = Number.isFinite(closedAt);
    const until = measured.windows[index + 1]?.openedAt ?? options.endAt;
    return {
      operation,
      openedUs: us(openedAt),
      closedUs: closed ? us(closedAt) : null,
      lateUs: us(openedAt - (options.pace.firstNs + index * options.pace.everyNs)),
      met,
      p99Us: us(p99Ns),
      maxUs: us(maxNs),
      dip: closed ? perturbationOf(books, usualBefore(measured, index, options), { from: openedAt, to: closedAt }, until) : null,
    };
  });
};

export const feltOf = (measured: Measured, options: FeltOptions): Felt => {
  const { balance, windows, irqsOffNs, asks } = measured;
  const operations = operationsOf(measured, options);
  const dips = operations.flatMap(({ dip }) => (dip === null ? [] : [dip]));
  const met = Math.max(1, windows.length);
  const dipMedian = (part: keyof Perturbation): number | null => median(dips.flatMap((dip) => dip[part] ?? []));
  return {
    latencyUs: spreadsOf(histogramsOf(measured, "latency")),
    serviceUs: spreadsOf(histogramsOf(measured, "service")),
    callUs: spreadsOf(measured.calls.waits),
    ...callsOf(measured, options),
    rescheduleUs: spreadsOf(measured.reschedules.waits),
    ...reschedulesOf(measured, options),
    achieved: balance.arrived === 0 ? 0 : balance.answered / balance.arrived,
    lost: balance.lost,
    patched: windows.filter(({ outcome }) => outcome === "committed").length / options.planned,
    dip: {
      depth: dipMedian("depth"),
      noise: dipMedian("noise"),
      widthUs: dipMedian("widthUs"),
      area: dipMedian("area"),
      recoveryUs: dipMedian("recoveryUs"),
    },
    irqsOffUs: us(Math.max(0, ...irqsOffNs.values()) / met),
    balance,
    ccdf: {
      before: ccdfOf(measured.phases.before.latency),
      during: ccdfOf(measured.phases.during.latency),
      after: ccdfOf(measured.phases.after.latency),
    },
    slowUs: measured.slowNs === null ? null : us(measured.slowNs),
    slow: [...measured.slow].map(([cause, counts]) => ({ cause, ...counts })),
    worst: measured.worst.map(slowFelt),
    outlier: measured.outlier && slowFelt(measured.outlier),
    operations: operations.slice(0, operationsTold),
    operationsMet: windows.length,
    perCpu: perCpuOf(measured, options.cpus),
    asksPerOperation: [...asks.values()].reduce((sum, count) => sum + count, 0) / options.cpus / met,
    binUs: us(measured.served.binNs),
    around: measured.around.felt(windows, options.perSecond),
  };
};

/** Every histogram of the run as an .hlog file. */
export const hlogOf = (measured: Measured, endAt: number): string =>
  printHlog(taggedHistograms(measured).map(([tag, histogram]) => ({ tag, fromNs: 0, toNs: endAt, histogram })));
