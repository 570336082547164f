// What calls cost without a tracer: the untraced times that stand in where strace is too coarse to see any.

import shipped from "../data/native.json" with { type: "json" };
import type { Distribution } from "../distribution.ts";
import type { SystemCall, Workload } from "../workload.ts";

/** Times of system calls measured without stopping them. */
export interface Native {
  readonly source: string;
  readonly calls: Readonly<Record<string, NativeCall>>;
  /** Where the measured program is the one that the log is of. */
  readonly userNs?: Distribution;
}

interface NativeCall {
  readonly cpuNs: Distribution;
  /** Where the measured program is the one that the log is of: its share of all calls, and how it slept, when no tracer slowed it. */
  readonly share?: number;
  readonly sleep?: NonNullable<SystemCall["sleep"]> | "never";
}

/** What strace cannot show at all: the rest of the machine. */
export type Background = Pick<Workload, "kthreads" | "irqsOff" | "crossCalls">;

const quantilesOf = (ns: readonly number[]): Distribution => ({ kind: "quantiles", ns });

/** The three shipped loads pooled: for logs of any program. */
export const shippedNative: Native = {
  source: shipped.source,
  calls: Object.fromEntries(Object.entries(shipped.calls).map(([name, ns]) => [name, { cpuNs: quantilesOf(ns) }])),
};

const { kthreads, irqsOff, crossCalls } = shipped.background;

export const shippedBackground: Background = {
  kthreads: kthreads.map(({ name, perCpu, idleNs, workNs }) => ({
    name,
    perCpu,
    idleNs: quantilesOf(idleNs),
    workNs: quantilesOf(workNs),
  })),
  irqsOff: { perSecond: irqsOff.perSecond, ns: quantilesOf(irqsOff.ns) },
  crossCalls,
};

/** For a call that nobody measured: about the median and the spread of the medians of those that were. */
export const unmeasured: Distribution = { kind: "log-normal", medianNs: 1_000, sigma: 1, maxNs: 100_000 };
