// One run of a chaos study: a machine under its faults in virtual time, judged, and what of it the study keeps.
import type { FaultCount, Plan } from "../nemesis/plan.ts";
import { type Judgement, judgeOf } from "../oracle/judgement.ts";
import type { Violation } from "../oracle/monitor.ts";
import type { End, Observer } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";
import { runVirtual } from "../virtual/engine.ts";
import type { VirtualOptions } from "../virtual/options.ts";
import { Reached } from "./reached.ts";
import type { Failure } from "./signature.ts";

/** All that determines a run. */
export interface Case {
  readonly setup: Setup;
  readonly plan: Plan;
  readonly timeLimitNs: number;
  readonly eventLimit: number;
}

/** `open`: it ended before the operations did, but broke nothing. */
export type Survival = "committed" | "aborted" | "open" | "violated";

/** What is kept of a run: plain data. */
export interface Trial {
  readonly seed: number;
  readonly model: string;
  readonly survival: Survival;
  readonly ended: End["ended"];
  /** The first breach of each monitor. */
  readonly failures: readonly Failure[];
  readonly reached: readonly string[];
  /** By the word of each fault of the plan, whether one of it struck. */
  readonly faults: ReadonlyArray<readonly [word: string, struck: boolean]>;
  /** Faults of the plan by their texts that never struck. */
  readonly idle: readonly string[];
  /** Faults were switched off before it ended. */
  readonly healed: boolean;
  readonly attempts: number;
  readonly stopUs: number | null;
  readonly totalUs: number | null;
  /** Packets; null of a run that was left early. */
  readonly sent: number | null;
  /** Why whoever held the run up most did so. */
  readonly heldBy: string | null;
  readonly events: number;
}

const survivalOf = (verdict: string, outcome: string): Survival => {
  if (verdict === "violated") return "violated";
  return outcome === "committed" || outcome === "aborted" ? outcome : "open";
};

const failuresOf = (model: string, violations: readonly Violation[], reached: Reached): Failure[] =>
  [...Map.groupBy(violations, ({ monitor }) => monitor)].map(([monitor, [first]]) => {
    const { reason, atUs } = first as Violation;
    return { model, monitor, reason, phase: reached.phaseAt(Math.round(atUs * 1000)) };
  });

/** So many turns after the first breach a run has shown what it had to show: machines that break rules may talk for ever. */
const turnsAfterBreach = 10_000;

/** Who only watches, and when a run may be left. */
interface TrialOptions {
  readonly onPacket?: VirtualOptions["onPacket"];
  readonly turnsAfterBreach?: number;
}

/** Counts turns once a promise is broken, and says when there have been enough of them. */
class Patience {
  private turns = 0;
  private readonly isViolated: () => boolean;
  private readonly most: number;

  constructor(isViolated: () => boolean, most: number) {
    this.isViolated = isViolated;
    this.most = most;
  }

  seeTurn(): void {
    if (this.turns > 0 || this.isViolated()) this.turns++;
  }

  isOver(): boolean {
    return this.turns > this.most;
  }
}

export const takeTrial = ({ setup, plan, timeLimitNs, eventLimit }: Case, options: TrialOptions = {}): Trial => {
  const { onPacket } = options;
  const judge = judgeOf(setup);
  const reached = new Reached();
  const patience = new Patience(judge.isViolated, options.turnsAfterBreach ?? turnsAfterBreach);
  const observer: Observer = {
    turn: (turn) => {
      judge.observer.turn(turn);
      for (const output of turn.outputs) if (output.kind === "announce") reached.see(output.fact, turn.input.at);
      patience.seeTurn();
    },
    fault: () => {},
  };
  const isEnough = () => patience.isOver();
  const { end, faults } = runVirtual({ setup, plan, timeLimitNs, eventLimit, observer, isEnough, ...(onPacket && { onPacket }) });
  return trialOf({ setup, plan, end, faults, judgement: judge.conclude(end, faults), reached });
};

/** A run that is over, whichever engine ran it. */
interface RanCase extends Pick<Case, "setup" | "plan"> {
  readonly end: End;
  readonly faults: readonly FaultCount[];
  readonly judgement: Judgement;
  /** Nothing where nobody looked. */
  readonly reached?: Reached;
}

export const trialOf = ({ setup, plan, end, faults, judgement, reached = new Reached() }: RanCase): Trial => {
  const { verdict, outcome, violations, attempts, timings, blame } = judgement;
  const left = end.ended === "interrupted";
  const struck = new Map<string, boolean>();
  for (const [i, { fault }] of plan.faults.entries()) struck.set(fault, struck.get(fault) === true || (faults[i]?.applied ?? 0) > 0);
  return {
    seed: setup.seed,
    model: setup.model.name,
    survival: survivalOf(verdict, outcome),
    ended: end.ended,
    failures: failuresOf(setup.model.name, violations, reached),
    reached: [...reached.things],
    // Of a run that was left early nobody knows what might still have struck.
    faults: left ? [] : [...struck],
    idle: faults.filter(({ applied }) => applied === 0).map(({ text }) => text),
    healed: end.healedAt !== null,
    attempts,
    stopUs: timings.stopUs,
    totalUs: timings.totalUs,
    sent: left ? null : end.packets.sent,
    heldBy: blame[0]?.why ?? null,
    events: end.events,
  };
};
