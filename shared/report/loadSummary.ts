// The document of `quiesce load`: what every cell of it, a model at a rate, did to the users of the machine. Fields are only ever added.
import * as Schema from "effect/Schema";
import { causes } from "../load/causes.ts";
import { Wire } from "./summary.ts";

const { String: Text, Finite: Num, Array: List, NullOr: OrNull, Struct, Literals, Boolean: Flag } = Schema;

const Phase = Literals(["before", "during", "after"]);
const Cause = Literals(causes);

/** Microseconds, from the intended start of a request. Null of a phase in which nothing was answered, and of a percentile that needs more values. */
const Spread = OrNull(Struct({ n: Num, mean: Num, p50: Num, p90: OrNull(Num), p99: OrNull(Num), "p99.9": OrNull(Num), max: Num }));
const Spreads = Struct({ all: Spread, before: Spread, during: Spread, after: Spread });

/** What an operation did to the rate of answers: docs/load.md has the formulas. */
const Dip = Struct({ depth: Num, noise: Num, widthUs: Num, area: Num, recoveryUs: OrNull(Num) });

const Slow = Struct({
  cpu: Num,
  request: Num,
  atUs: Num,
  latencyUs: Num,
  phase: Phase,
  cause: Cause,
  partsUs: Schema.Record(Cause, Num),
});

const Operation = Struct({
  operation: Text,
  openedUs: Num,
  closedUs: OrNull(Num),
  /** How long after its planned time it began. */
  lateUs: Num,
  met: Num,
  p99Us: Num,
  maxUs: Num,
  dip: OrNull(Dip),
});

/** Operations laid on each other by their openings. */
const Around = Struct({
  operations: Num,
  durationUs: Num,
  binUs: Num,
  fromUs: Num,
  perSecond: List(Num),
  p99BinUs: Num,
  p99Us: List(OrNull(Num)),
});

const Ccdf = List(Struct({ us: Num, share: Num }));

const OverCpus = Struct({ p50: Num, p90: Num, max: Num });

/** Interrupts off for operations, altogether and at a stretch; asks of rounds, each of which interrupts whatever the CPU runs. */
const CpuFelt = Struct({ cpu: Num, irqsOffUs: Num, longestOffUs: Num, disturbed: Num });

const LoadCell = Struct({
  /** `simple-2000`: names its files too. */
  name: Text,
  model: Text,
  perSecond: Num,
  verdict: Literals(["valid", "violated", "unknown"]),
  reasons: List(Text),
  outcome: Text,
  latencyUs: Spreads,
  serviceUs: Spreads,
  /** Of calls with wait between CPUs, from the call to the answer at the caller. */
  callUs: Spreads,
  /** Of the whole machine while there was load; copies of calls that were not answered in time. */
  calls: Struct({ plannedPerSecond: Num, perSecond: Num, resent: Num }),
  /** From when a reschedule left to when it arrived: what nobody waits for may stand in any queue. */
  rescheduleUs: Spreads,
  reschedules: Struct({ plannedPerSecond: Num, perSecond: Num, lost: Num }),
  rescheduled: OrNull(Num),
  /** Calls that came to their end of all that were planned; null where none were. */
  called: OrNull(Num),
  ccdf: Struct({ before: Ccdf, during: Ccdf, after: Ccdf }),
  /** Answered of all that arrived. */
  achieved: Num,
  lost: Num,
  /** Operations carried out of all that were planned. */
  patched: Num,
  /** Medians over the operations. */
  dip: Struct({ depth: OrNull(Num), noise: OrNull(Num), widthUs: OrNull(Num), area: OrNull(Num), recoveryUs: OrNull(Num) }),
  /** With interrupts off in an operation, on the average, the worst CPU. */
  irqsOffUs: Num,
  asksPerOperation: Num,
  /** By CPU over the whole run: the distribution over CPUs, and the worst few. */
  perCpu: Struct({ irqsOffUs: OverCpus, longestOffUs: OverCpus, disturbed: OverCpus, worst: List(CpuFelt) }),
  balance: Struct({ arrived: Num, answered: Num, queued: Num, inService: Num, lost: Num, problems: List(Text) }),
  slowUs: OrNull(Num),
  slow: List(Struct({ cause: Cause, before: Num, during: Num, after: Num })),
  worst: List(Slow),
  outlier: OrNull(Slow),
  operations: List(Operation),
  operationsMet: Num,
  binUs: Num,
  /** What was answered around operations, and how slow the slow ones were; null where no operation came to its end. Absent of older studies. */
  around: Schema.optionalKey(OrNull(Around)),
  thresholds: List(Struct({ text: Text, value: OrNull(Num), holds: Flag })),
  /** Null in virtual time, where nothing travels as bytes. */
  wire: OrNull(Wire),
  resources: Struct({ wallMs: Num, requestsPerMinute: Num }),
});
export type LoadCell = typeof LoadCell.Type;

/** The highest rate of a model that holds every threshold: from `holds` to below `fails`; null where the sweep's end was reached. */
const LoadLimit = Struct({ model: Text, holds: OrNull(Num), fails: OrNull(Num) });
export type LoadLimit = typeof LoadLimit.Type;

export const Load = Struct({
  schema: Schema.Literal("quiesce.load/1"),
  run: Text,
  engine: Text,
  cpus: Num,
  workload: Text,
  profile: Text,
  patch: Text,
  faults: List(Text),
  seed: Num,
  /** As it was asked for, at the lowest rate. */
  arrivals: Text,
  /** Calls between CPUs that were asked for; null: as the workload says. */
  callsPerSecond: OrNull(Num),
  reschedulesPerSecond: OrNull(Num),
  patches: Num,
  patchEveryUs: Num,
  warmUpUs: Num,
  coolDownUs: Num,
  thresholds: List(Text),
  cells: List(LoadCell),
  /** With `--find-limit`. */
  limits: OrNull(List(LoadLimit)),
  /** False of one that was interrupted. */
  complete: Flag,
}).annotate({ identifier: "Load" });
export type Load = typeof Load.Type;
