// An experiment: a virtual run from its header to its verdict, with all that the page draws of it.
import type { Header } from "../journal/entry.ts";
import { type FaultCount, planOf } from "../nemesis/plan.ts";
import { type Judgement, judgeOf } from "../oracle/judgement.ts";
import type { End } from "../protocol/observer.ts";
import { runVirtual } from "../virtual/engine.ts";
import { Recorder } from "./recorder.ts";
import type { Mark, Recording } from "./recording.ts";

export interface Experiment {
  readonly recording: Recording;
  readonly end: End;
  readonly faults: readonly FaultCount[];
  readonly judgement: Judgement;
}

export const violationMarks = (violations: ReadonlyArray<{ monitor: string; reason: string; atUs: number; cpu?: number }>): Mark[] =>
  violations.map(({ monitor, reason, atUs, cpu }) => ({
    is: "violation",
    at: Math.round(atUs * 1000),
    ...(cpu !== undefined && { actor: cpu }),
    text: `${monitor}: ${reason}`,
  }));

/** The same header gives the same run as on the command line, whoever watches. */
export const carryOut = (header: Header): Experiment => {
  const { setup, timeLimitNs, eventLimit } = header;
  const { plan, problems } = planOf(header.plan.faults, header.plan.seed);
  const [problem] = problems;
  if (problem !== undefined) throw new Error(`${problem.message} (in "${problem.text}")`);
  const judge = judgeOf(setup);
  const recorder = new Recorder(header);
  const { end, faults } = runVirtual({
    ...{ setup, plan, timeLimitNs, eventLimit },
    observer: {
      turn: (turn) => {
        judge.observer.turn(turn);
        recorder.observer.turn(turn);
      },
      fault: recorder.observer.fault,
    },
  });
  const judgement = judge.conclude(end, faults);
  return { recording: recorder.finish(violationMarks(judgement.violations), end.at), end, faults, judgement };
};
