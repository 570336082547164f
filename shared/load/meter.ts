// Measures a run under load as it goes: it is told of facts and of answered requests, and says at the end what users felt.
import type { Histogram } from "hdr-histogram-js";
import type { ArrivalSource } from "../kernel/requests/arrivals.ts";
import { column, rowLength } from "../kernel/requests/log.ts";
import type { LifeEnd, RequestSink } from "../kernel/requests/sink.ts";
import type { FactOf, Handlers } from "../oracle/monitor.ts";
import type { Fact } from "../protocol/facts.ts";
import type { Observer, TurnTaken } from "../protocol/observer.ts";
import { Around } from "./around.ts";
import { Calls } from "./calls.ts";
import { type Cause, IrqsOff, mainCauseOf, type Parts, partsOf } from "./causes.ts";
import { emptyHdr, type LoadPhase, phases } from "./latency.ts";
import { type Balance, Ledger } from "./ledger.ts";
import { Reschedules } from "./reschedules.ts";
import { binNsFor, Series } from "./series.ts";
import { type OperationWindow, Windows } from "./windows.ts";

export interface MeterOptions {
  readonly source: ArrivalSource;
  /** Requests a second of the whole machine, on the average. */
  readonly perSecond: number;
  /** How long the run may take: it decides how wide the bins are. */
  readonly runNs: number;
  /** Requests count as `after` an operation that arrive so long after its end. */
  readonly afterNs: number;
  /** The first request that takes longer is told of, if any is given. */
  readonly breakOverNs: number | null;
}

/** A request that was slow. */
export interface SlowRequest {
  readonly cpu: number;
  readonly id: number;
  readonly intended: number;
  readonly done: number;
  readonly phase: LoadPhase;
  readonly cause: Cause;
  readonly parts: Parts;
}

export interface PhaseHistograms {
  readonly latency: Histogram;
  readonly service: Histogram;
}

/** What is known of one operation beside its window. */
interface OperationTally {
  readonly window: OperationWindow;
  /** Latencies of the requests that met it; given up for their statistics when nobody meets it any more. */
  latency: Histogram | null;
  p99Ns: number;
  maxNs: number;
  met: number;
}

export interface Measured {
  readonly phases: Readonly<Record<LoadPhase, PhaseHistograms>>;
  readonly operations: readonly OperationTally[];
  readonly windows: readonly OperationWindow[];
  /** A request is slow that took longer than this; null if no operation ever began. */
  readonly slowNs: number | null;
  /** How many slow ones each cause took most of, by phase. */
  readonly slow: ReadonlyMap<Cause, Record<LoadPhase, number>>;
  readonly worst: readonly SlowRequest[];
  readonly outlier: SlowRequest | null;
  readonly served: Series;
  readonly arrived: Series;
  readonly balance: Balance;
  /** By CPU: for operations altogether, and the longest at a stretch. */
  readonly irqsOffNs: ReadonlyMap<number, number>;
  readonly longestOffNs: ReadonlyMap<number, number>;
  /** By CPU: what was asked of it in rounds of operations, each of which interrupts whatever it runs. */
  readonly asks: ReadonlyMap<number, number>;
  readonly around: Around;
  readonly calls: Pick<Calls, "waits" | "ended" | "resent">;
  readonly reschedules: Pick<Reschedules, "waits" | "sent" | "arrived">;
}

/** So many of the slowest requests are told of. */
const worstLimit = 10;

/** Operations whose latencies are still being collected: later ones let the earlier go. */
const liveOperations = 4;

/** Slow is what is slower than all but one in a thousand were before the first operation. */
const slowPercent = 99.9;

export class Meter implements RequestSink {
  readonly observer: Observer;
  private readonly options: MeterOptions;
  private readonly byPhase: Readonly<Record<LoadPhase, PhaseHistograms>>;
  private readonly operations: OperationTally[] = [];
  private readonly windows: Windows;
  private readonly irqsOff = new IrqsOff();
  private readonly calls: Calls;
  private readonly reschedules: Reschedules;
  private readonly ledger: Ledger;
  private readonly around = new Around();
  private readonly served: Series;
  private readonly slow = new Map<Cause, Record<LoadPhase, number>>();
  private readonly asks = new Map<number, number>();
  private worst: SlowRequest[] = [];
  private outlier: SlowRequest | null = null;
  private slowNs: number | null = null;

  constructor(options: MeterOptions) {
    this.options = options;
    const histograms = (): PhaseHistograms => ({ latency: emptyHdr(), service: emptyHdr() });
    this.byPhase = { before: histograms(), during: histograms(), after: histograms() };
    this.ledger = new Ledger(options.source);
    this.served = new Series(binNsFor(options.perSecond, options.runNs));
    this.windows = new Windows((window) => this.onOpened(window));
    this.calls = new Calls(this.windows, options.source.load.fromNs, options.afterNs);
    this.reschedules = new Reschedules(this.windows, options.source.load.fromNs, options.afterNs);
    const handlers: readonly Handlers[] = [this.windows.on, this.irqsOff.on, this.calls.on];
    this.observer = {
      turn: (turn) => {
        this.countAsk(turn);
        this.reschedules.see(turn);
        for (const output of turn.outputs) if (output.kind === "announce") tell(handlers, output.fact, turn.input.at);
      },
      fault: () => {},
    };
  }

  answered(cpu: number, rows: Float64Array, count: number): void {
    this.ledger.answered(cpu, rows, count);
    const { afterNs } = this.options;
    for (let at = 0; at < count * rowLength; at += rowLength) {
      const intended = rows[at + column.intended] as number;
      const done = rows[at + column.done] as number;
      const { phase, index } = this.windows.phaseOf(intended, done, afterNs);
      const { latency, service } = this.byPhase[phase];
      latency.recordValue(done - intended);
      service.recordValue(done - (rows[at + column.taken] as number));
      this.served.add(done);
      this.around.add(done, done - intended);
      if (phase === "during") this.met(index, done - intended);
      if (done - intended > Math.min(this.slowNs ?? Infinity, this.options.breakOverNs ?? Infinity)) this.onSlow(cpu, rows, at, phase);
    }
  }

  lifeEnded(end: LifeEnd): void {
    this.ledger.lifeEnded(end);
  }

  /** After the last fact and the last request. */
  measured(endAt: number): Measured {
    for (const operation of this.operations) settle(operation);
    const arrived = new Series(this.served.binNs);
    return {
      phases: this.byPhase,
      operations: this.operations,
      windows: this.windows.all,
      slowNs: this.slowNs,
      slow: this.slow,
      worst: this.worst,
      outlier: this.outlier,
      served: this.served,
      balance: this.ledger.balance(endAt, (at) => arrived.add(at)),
      arrived,
      irqsOffNs: this.irqsOff.totalNs,
      longestOffNs: this.irqsOff.longestNs,
      asks: this.asks,
      around: this.around,
      calls: this.calls,
      reschedules: this.reschedules,
    };
  }

  private onOpened(window: OperationWindow): void {
    const { latency } = this.byPhase.before;
    if (this.slowNs === null && latency.totalCount > 0) this.slowNs = latency.getValueAtPercentile(slowPercent);
    this.operations.push({ window, latency: emptyHdr(), p99Ns: 0, maxNs: 0, met: 0 });
    const over = this.operations.at(-1 - liveOperations);
    if (over !== undefined) settle(over);
  }

  /** A request that met an operation long over has waited for longer than most operations take: it is counted, with its time. */
  private met(index: number, ns: number): void {
    const operation = this.operations[index] as OperationTally;
    operation.met++;
    operation.maxNs = Math.max(operation.maxNs, ns);
    operation.latency?.recordValue(ns);
  }

  private onSlow(cpu: number, rows: Float64Array, at: number, phase: LoadPhase): void {
    const intended = rows[at + column.intended] as number;
    const done = rows[at + column.done] as number;
    const parts = partsOf(rows, at, (from, to) => this.irqsOff.within(cpu, from, to));
    const found: SlowRequest = { cpu, id: rows[at + column.id] as number, intended, done, phase, cause: mainCauseOf(parts), parts };
    const { breakOverNs } = this.options;
    if (breakOverNs !== null && done - intended > breakOverNs && done < (this.outlier?.done ?? Infinity)) this.outlier = found;
    if (this.slowNs === null || done - intended <= this.slowNs) return;
    const counts = this.slow.get(found.cause) ?? { before: 0, during: 0, after: 0 };
    counts[phase]++;
    this.slow.set(found.cause, counts);
    const least = this.worst.at(-1);
    if (this.worst.length === worstLimit && least !== undefined && least.done - least.intended >= done - intended) return;
    this.worst = [...this.worst, found].sort((a, b) => b.done - b.intended - (a.done - a.intended)).slice(0, worstLimit);
  }

  /** What is asked of a CPU in the rounds of an operation disturbs whatever it was at, an isolated one too. */
  private countAsk({ actor, input }: TurnTaken): void {
    if (actor < 0 || input.kind !== "deliver" || !("ask" in input.msg)) return;
    this.asks.set(actor, (this.asks.get(actor) ?? 0) + 1);
  }
}

/** Histograms of thousands of operations would not fit: what is told of each is kept. */
const settle = (operation: OperationTally): void => {
  if (operation.latency === null) return;
  operation.p99Ns = operation.latency.totalCount === 0 ? 0 : operation.latency.getValueAtPercentile(99);
  operation.latency = null;
};

/** The cast states what `Handlers` says: a handler is filed under the kind of fact that it takes. */
const tell = (handlers: readonly Handlers[], fact: Fact, at: number): void => {
  for (const one of handlers) (one[fact.fact] as ((fact: FactOf<Fact["fact"]>, at: number) => void) | undefined)?.(fact, at);
};

/** Every histogram under the name that files give it. */
export const taggedHistograms = ({
  phases: by,
  calls,
  reschedules,
}: Pick<Measured, "phases" | "calls" | "reschedules">): ReadonlyArray<readonly [tag: string, histogram: Histogram]> =>
  phases.flatMap((phase) => [
    [`latency.${phase}`, by[phase].latency] as const,
    [`service.${phase}`, by[phase].service] as const,
    [`calls.${phase}`, calls.waits[phase]] as const,
    [`reschedules.${phase}`, reschedules.waits[phase]] as const,
  ]);
