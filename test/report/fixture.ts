// A small run with its summary, for what is written about runs.

import { planOf } from "../../shared/nemesis/plan.ts";
import { judgeOf } from "../../shared/oracle/judgement.ts";
import type { Observer, TurnTaken } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { summarize } from "../../shared/report/summarize.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import { smallSetup } from "../fixtures/setup.ts";

export const runOf = (
  cpus: number,
  faults: readonly string[],
  onTurn: (turn: TurnTaken) => void = () => undefined,
  changes: Partial<Setup> = {},
): Summary => {
  const setup = smallSetup({ cpus, ...changes });
  const judge = judgeOf(setup);
  const observer: Observer = {
    turn: (turn) => {
      judge.observer.turn(turn);
      onTurn(turn);
    },
    fault: () => undefined,
  };
  const { end, faults: counts } = runVirtual({ setup, plan: planOf(faults, 1).plan, timeLimitNs: 1e9, eventLimit: 1e6, observer });
  return summarize({
    run: "a-run",
    engine: "virtual",
    hosts: 0,
    setup,
    end,
    faults: counts,
    judgement: judge.conclude(end, counts),
    wire: null,
    wallMs: 10,
    maxRssMb: 100,
  });
};
