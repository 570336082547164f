// What a run did and how long it took, added up from its facts.
import { type Fold, us } from "./fold.ts";
import type { Roster } from "./roster.ts";
import { CrossCalls } from "./statistics/crossCalls.ts";
import { Durations } from "./statistics/durations.ts";
import { Forced } from "./statistics/forced.ts";
import { Grown } from "./statistics/grown.ts";
import { Mixed } from "./statistics/mixed.ts";
import { Outcomes, type RunOutcome } from "./statistics/outcomes.ts";
import { Phases, type PhaseTimes } from "./statistics/phases.ts";

export interface Timings {
  /** From the first gather asked to the last ended, of one epoch. */
  readonly gatherUs: number | null;
  /** The longest that a CPU ran no task. */
  readonly stopUs: number | null;
  /** The longest that a CPU had interrupts off. */
  readonly irqsOffUs: number | null;
  /** From the last vote to the decision in the register. */
  readonly decideUs: number | null;
  /** From the first asking to switch to the decision, of one transition. */
  readonly switchUs: number | null;
  /** How long tasks or CPUs ran different versions. */
  readonly mixedUs: number | null;
  /** From opening the first epoch to closing the last. */
  readonly totalUs: number | null;
  /** For how long user tasks were kept from running, added up over tasks. */
  readonly heldTaskUs: number;
}

/** A transition on its way back: since when, and the version that it comes back from. */
export interface TurningBack {
  readonly sinceUs: number;
  readonly from: number;
}

export interface Statistics {
  readonly outcome: RunOutcome;
  /** The version in force at the end. */
  readonly version: number;
  readonly operationsCommitted: number;
  readonly attempts: number;
  readonly phases: readonly PhaseTimes[];
  readonly timings: Timings;
  /** Rounds of transitions that looked at tasks again because some had not switched, and rounds that woke them. */
  readonly checks: number;
  readonly signals: number;
  /** Tasks that had not switched when the run ended. */
  readonly pending: number;
  /** Of a transition that was on its way back when the run ended. */
  readonly turningBack: TurningBack | null;
  /** Tasks that were forced over whatever was on their stacks. */
  readonly forced: number;
  /** System calls that a fake signal made fail with EINTR. */
  readonly interrupted: number;
  /** Requests that were repeated, acks that came late, and messages that CPUs and coordinators counted and otherwise ignored. */
  readonly resent: number;
  readonly late: number;
  readonly ignored: number;
  /** Calls with wait between CPUs that came to their end, and over how long. */
  readonly calls: { readonly ended: number; readonly seconds: number };
}

export const statisticsFold = (roster: Roster): Fold<Statistics> => {
  const phases = new Phases();
  const durations = new Durations(roster.cpus);
  const mixed = new Mixed(roster);
  const interrupted = new Grown(roster.cpus, (census) => census.interrupted);
  const held = new Grown(roster.cpus, (census) => census.heldNs);
  const forced = new Forced(roster.cpus);
  const outcomes = new Outcomes();
  const calls = new CrossCalls();
  return {
    on: [phases.on, durations.on, ...mixed.on, interrupted.on, held.on, forced.on, outcomes.on, calls.on],
    result: ({ at }) => {
      phases.abandon();
      mixed.end(at);
      const { gather, stop, irqsOff, decide, switching } = durations.result();
      const { outcome, version, committed, attempts, openedAt, closedAt, abortedAt, ignored } = outcomes;
      const totalNs = openedAt === null || closedAt === null ? null : closedAt - openedAt;
      const isOnItsWay = roster.isOpen && roster.way !== "stop" && abortedAt !== null;
      const inUs = (ns: number | null): number | null => (ns === null ? null : us(ns));
      return {
        outcome,
        version,
        operationsCommitted: committed,
        attempts,
        phases: phases.rows,
        timings: {
          gatherUs: inUs(gather),
          stopUs: inUs(stop),
          irqsOffUs: inUs(irqsOff),
          decideUs: inUs(decide),
          switchUs: inUs(switching),
          mixedUs: us(mixed.ns),
          totalUs: inUs(totalNs),
          heldTaskUs: us(held.total),
        },
        checks: phases.checks,
        signals: phases.signals,
        pending: [...roster.pending()].reduce((sum, [, tasks]) => sum + tasks, 0),
        turningBack: isOnItsWay ? { sinceUs: us(abortedAt), from: roster.target } : null,
        forced: forced.total,
        interrupted: interrupted.total,
        resent: phases.resent,
        late: phases.late,
        ignored,
        calls: { ended: calls.ended, seconds: calls.secondsUntil(at) },
      };
    },
  };
};
