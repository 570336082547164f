// What is counted of runs, and the page on which Prometheus finds it.
import * as Effect from "effect/Effect";
import * as Metric from "effect/Metric";
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics";
import type { CoordinatorFact } from "../../shared/protocol/facts.ts";
import type { Counted } from "./telemetry.ts";

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true });

/** Ten microseconds to five minutes. */
const boundaries = Metric.exponentialBoundaries({ start: 1e-5, factor: 2, count: 26 });

const histogram = (name: string, description: string) => Metric.histogram(name, { description, boundaries });

const metrics = {
  runs: counter("quiesce_runs_total", "Runs that have ended, by verb, model and verdict"),
  attempts: counter("quiesce_attempts_total", "Attempts to patch or unpatch that have ended; of a live run by itself as they end"),
  attempt: histogram("quiesce_attempt_seconds", "From opening an epoch to closing it, of live runs, by outcome"),
  acks: counter("quiesce_acks_total", "Answers that ended rounds of live runs, by phase"),
  ipis: counter("quiesce_ipis_total", "Simulated packets, by what became of them"),
  frames: counter("quiesce_frames_total", "Frames on the bus that were refused, unsent or denied"),
  stop: histogram("quiesce_stop_seconds", "The longest that a CPU ran no task, of each run"),
  gather: histogram("quiesce_gather_seconds", "From the first gather asked to the last ended, of each run"),
  completion: histogram("quiesce_completion_seconds", "From opening the first epoch to closing the last, of each run"),
} as const;

type Attributes = Readonly<Record<string, string>>;

const updated = <State>(metric: Metric.Metric<number, State>, attributes: Attributes, value: number) =>
  Metric.update(metric.pipe(Metric.withAttributes(attributes)), value);

const each = (metric: typeof metrics.ipis, name: string, counts: Readonly<Record<string, number>> = {}) =>
  Object.entries(counts).map(([value, count]) => updated(metric, { [name]: value }, count));

const seconds = (metric: typeof metrics.stop, model: string, us: number | null | undefined) =>
  us === null || us === undefined ? [] : [updated(metric, { model }, us / 1e6)];

/** Once for each run. */
export const countRun = (verb: string, { model, verdict, attempts = 0, gatherUs, stopUs, totalUs, ipis, frames }: Counted): void =>
  Effect.runSync(
    Effect.all(
      [
        updated(metrics.runs, { verb, model, verdict }, 1),
        updated(metrics.attempts, { model }, attempts),
        ...each(metrics.ipis, "fate", ipis),
        ...each(metrics.frames, "fate", frames),
        ...seconds(metrics.stop, model, stopUs),
        ...seconds(metrics.gather, model, gatherUs),
        ...seconds(metrics.completion, model, totalUs),
      ],
      { discard: true },
    ),
  );

/** The attempts of one live run, as they end. */
export class AttemptCounts {
  /** It has counted some. */
  hasCounted = false;
  private readonly openedAt = new Map<number, number>();

  take(at: number, fact: CoordinatorFact): void {
    if (fact.fact === "opened") this.openedAt.set(fact.epoch, at);
    else if (fact.fact === "round-ended") Effect.runSync(updated(metrics.acks, { phase: fact.phase }, fact.acks));
    else if (fact.fact === "closed") {
      this.hasCounted = true;
      const { outcome } = fact;
      Effect.runSync(updated(metrics.attempts, { outcome }, 1));
      const openedAt = this.openedAt.get(fact.epoch);
      if (openedAt !== undefined) Effect.runSync(updated(metrics.attempt, { outcome }, (at - openedAt) / 1e9));
    }
  }
}

/** The text that Prometheus reads. */
export const prometheusText = (): string => Effect.runSync(PrometheusMetrics.format());

export const prometheusType = "text/plain; version=0.0.4; charset=utf-8";
