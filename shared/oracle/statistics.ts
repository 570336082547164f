// What a run did and how long it took, added up from its facts.
import { type Fold, us } from "./fold.ts";
import type { Roster } from "./roster.ts";
import { Durations } from "./statistics/durations.ts";
import { Interrupted } from "./statistics/interrupted.ts";
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
  /** How long CPUs ran tasks on different versions. */
  readonly mixedUs: number | null;
  /** From opening the first epoch to closing the last. */
  readonly totalUs: number | null;
}

export interface Statistics {
  readonly outcome: RunOutcome;
  /** The version in force at the end. */
  readonly version: number;
  readonly operationsCommitted: number;
  readonly attempts: number;
  readonly phases: readonly PhaseTimes[];
  readonly timings: Timings;
  /** System calls that a fake signal made fail with EINTR. */
  readonly interrupted: number;
  /** Requests that were repeated, acks that came late, and messages that CPUs and coordinators counted and otherwise ignored. */
  readonly resent: number;
  readonly late: number;
  readonly ignored: number;
}

export const statisticsFold = (roster: Roster): Fold<Statistics> => {
  const phases = new Phases();
  const durations = new Durations(roster.cpus);
  const mixed = new Mixed(roster);
  const interrupted = new Interrupted(roster.cpus);
  const outcomes = new Outcomes();
  return {
    on: [phases.on, durations.on, mixed.on, interrupted.on, outcomes.on],
    result: ({ at }) => {
      phases.abandon();
      mixed.end(at);
      const { gather, stop, irqsOff, decide } = durations.result();
      const { outcome, version, committed, attempts, openedAt, closedAt, ignored } = outcomes;
      const totalNs = openedAt === null || closedAt === null ? null : closedAt - openedAt;
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
          mixedUs: us(mixed.ns),
          totalUs: inUs(totalNs),
        },
        interrupted: interrupted.total,
        resent: phases.resent,
        late: phases.late,
        ignored,
      };
    },
  };
};
