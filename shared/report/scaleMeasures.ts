// What a sweep keeps of a run's summary.
import type { MeasureName, RunRecord } from "../scale/record.ts";
import type { Summary } from "./summary.ts";

/** Summaries tell times in microseconds of three decimals. */
const ns = (us: number | null): number | null => (us === null ? null : Math.round(us * 1000));

const measuresOf = ({ timings, ipis, attempts, checks, calls, resources }: Summary): Readonly<Record<MeasureName, number | null>> => ({
  completion_ns: ns(timings.totalUs),
  gather_ns: ns(timings.gatherUs),
  held_max_ns: ns(timings.stopUs),
  irqs_off_ns: ns(timings.irqsOffUs),
  decide_ns: ns(timings.decideUs),
  switch_ns: ns(timings.switchUs),
  mixed_ns: ns(timings.mixedUs),
  held_tasks_ns: ns(timings.heldTaskUs),
  packets: ipis.sent,
  resent: ipis.resent,
  attempts,
  checks,
  events: resources.events,
  calls_per_second: calls?.perSecond ?? null,
  calls_planned_per_second: calls?.plannedPerSecond ?? null,
});

export const recordOf = (summary: Summary, cell: string, host: RunRecord["host"], by: string): RunRecord => ({
  cell,
  seed: summary.seed,
  verdict: summary.verdict,
  outcome: summary.outcome,
  measures: measuresOf(summary),
  host,
  by,
});
