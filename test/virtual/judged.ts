// Runs a machine in virtual time under faults written as text, judged as it goes and once more in the order of its clocks.
import { assert } from "vitest";
import { planOf } from "../../shared/nemesis/plan.ts";
import { type Judgement, judgeOf } from "../../shared/oracle/judgement.ts";
import type { Announced } from "../../shared/protocol/facts.ts";
import type { End, Observer } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";

export interface JudgedRun {
  readonly end: End;
  readonly judgement: Judgement;
  /** The same run as a journal that was merged by (clock, actor, sequence) tells it. */
  readonly byClock: Judgement;
  readonly facts: readonly Announced[];
}

export const runJudged = (setup: Setup, faultTexts: readonly string[], timeLimitNs = 1e9): JudgedRun => {
  const { plan, problems } = planOf(faultTexts, setup.seed);
  assert.deepStrictEqual(problems, []);
  const judge = judgeOf(setup);
  const facts: Announced[] = [];
  const observer: Observer = {
    turn: (turn) => {
      judge.observer.turn(turn);
      const { actor, clock, input, outputs } = turn;
      for (const output of outputs) if (output.kind === "announce") facts.push({ at: input.at, clock, actor, fact: output.fact });
    },
    fault: judge.observer.fault,
  };
  const { end, faults } = runVirtual({ setup, plan, timeLimitNs, eventLimit: 2e6, observer });
  const again = judgeOf(setup);
  for (const announced of facts.toSorted((a, b) => a.clock - b.clock || a.actor - b.actor)) again.announce(announced);
  return { end, judgement: judge.conclude(end, faults), byClock: again.conclude(end, faults), facts };
};
