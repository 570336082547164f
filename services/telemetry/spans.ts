// Attempts as spans of OpenTelemetry: one trace each, a span for every round, and one for each CPU that was slow to answer.
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Option from "effect/Option";
import * as Tracer from "effect/Tracer";
import { attemptSpanOf, roundSpanOf, traceIdOf } from "../../shared/live/telemetry/traceContext.ts";
import type { Attempt } from "./attempts.ts";

export interface Traced {
  readonly run: string;
  /** When the run's clock was at zero, in ns since 1970. */
  readonly zeroNs: bigint;
  /** Of the run, on the span of each attempt. */
  readonly attributes: Readonly<Record<string, string | number>>;
}

interface Drawn {
  readonly name: string;
  /** What messages have carried in their headers; drawn by chance where they have carried none. */
  readonly id?: string;
  readonly parent: Tracer.AnySpan | null;
  readonly startNs: number;
  readonly endNs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events?: ReadonlyArray<readonly [name: string, atNs: number]>;
  /** Why it came to nothing. */
  readonly failed?: string;
}

/** An attempt that never ended is drawn to the last moment that is known of it. */
const endOf = ({ endNs, decidedNs, startNs, rounds, cpus }: Attempt): number =>
  endNs ??
  Math.max(
    startNs,
    decidedNs ?? 0,
    ...rounds.map((round) => round.endNs ?? round.startNs),
    ...cpus.map(({ moments }) => moments.at(-1)?.[1] ?? 0),
  );

/** Draws the spans of one trace. */
const drawer = (tracer: Tracer.Tracer, traceId: string, zeroNs: bigint) => {
  const timeOf = (ns: number): bigint => zeroNs + BigInt(Math.round(ns));
  return ({ name, id, parent, startNs, endNs, attributes, events = [], failed }: Drawn): void => {
    const span = tracer.span({
      name,
      parent: Option.fromNullishOr(parent),
      annotations: Context.empty(),
      links: [],
      startTime: timeOf(startNs),
      kind: "internal",
      root: parent === null,
      sampled: true,
    });
    // A tracer makes ids up; these have been on the wire already.
    Object.defineProperty(span, "traceId", { value: traceId });
    if (id !== undefined) Object.defineProperty(span, "spanId", { value: id });
    for (const [key, value] of Object.entries(attributes)) span.attribute(key, value);
    for (const [event, at] of events) span.event(event, timeOf(at));
    span.end(timeOf(endNs), failed === undefined ? Exit.void : Exit.fail(failed));
  };
};

const drawAttempt = (tracer: Tracer.Tracer, { run, zeroNs, attributes }: Traced, attempt: Attempt): void => {
  const { epoch, rounds, cpus, outcome, reason, decidedNs, startNs } = attempt;
  const traceId = traceIdOf(run, epoch);
  const id = attemptSpanOf(run, epoch);
  const parent = Tracer.externalSpan({ traceId, spanId: id });
  const draw = drawer(tracer, traceId, zeroNs);
  const endNs = endOf(attempt);
  draw({
    name: `${attempt.operation} attempt ${attempt.attempt}`,
    id,
    parent: null,
    startNs,
    endNs,
    attributes: {
      ...attributes,
      "quiesce.epoch": epoch,
      "quiesce.target": attempt.target,
      "quiesce.participants": attempt.participants,
      "quiesce.outcome": outcome ?? "open",
    },
    ...(decidedNs !== null && { events: [["decided", decidedNs]] }),
    ...(outcome === "aborted" && { failed: `aborted: ${reason ?? "not said why"}` }),
  });
  for (const { term, round, phase, acks, resent, late, ...times } of rounds) {
    draw({
      name: phase,
      id: roundSpanOf(run, { term, epoch, round }),
      parent,
      startNs: times.startNs,
      endNs: times.endNs ?? endNs,
      attributes: { "quiesce.term": term, "quiesce.round": round, "quiesce.acks": acks, "quiesce.resent": resent, "quiesce.late": late },
    });
  }
  for (const { cpu, moments } of cpus) {
    const first = moments[0]?.[1] ?? startNs;
    draw({
      name: `cpu ${cpu}`,
      parent,
      startNs: first,
      endNs: moments.at(-1)?.[1] ?? first,
      attributes: { "quiesce.cpu": cpu },
      events: moments,
    });
  }
};

/** Hands every attempt to the tracer that is there. */
export const drawAttempts = (traced: Traced, attempts: readonly Attempt[]): Effect.Effect<void> =>
  Effect.map(Effect.tracer, (tracer) => {
    for (const attempt of attempts) drawAttempt(tracer, traced, attempt);
  });
