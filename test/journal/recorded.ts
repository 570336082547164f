// A journal of a small virtual run, for tests to read, change and replay.
import { type EncoderOptions, headerLine, journalEncoder, journalObserver, noteLine } from "../../shared/journal/encode.ts";
import { journalSchema } from "../../shared/journal/entry.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import type { FaultApplied, TurnTaken } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import { smallSetup } from "../fixtures/setup.ts";

export interface Recorded {
  readonly setup: Setup;
  /** The whole journal, as it would be in its file. */
  readonly text: string;
  readonly turns: readonly TurnTaken[];
  readonly faults: readonly FaultApplied[];
}

export const record = (cpus: number, seed: number, faults: readonly string[], options: EncoderOptions = { mode: "full" }): Recorded => {
  const setup = smallSetup({ cpus, seed });
  const { plan } = planOf(faults, seed);
  const timeLimitNs = 1_000_000_000;
  const eventLimit = 1_000_000;
  const turns: TurnTaken[] = [];
  const applied: FaultApplied[] = [];
  const parts = [
    headerLine({
      schema: journalSchema,
      code: "test",
      engine: "virtual",
      mode: options.mode,
      seed,
      timeLimitNs,
      eventLimit,
      plan: { seed, faults },
      setup,
    }),
  ];
  const journal = journalObserver(journalEncoder(options), (text) => parts.push(text));
  const observer = {
    turn: (turn: TurnTaken) => {
      turns.push(turn);
      journal.turn(turn);
    },
    fault: (fault: FaultApplied) => {
      applied.push(fault);
      journal.fault(fault);
    },
  };
  const result = runVirtual({ setup, plan, timeLimitNs, eventLimit, observer });
  parts.push(noteLine({ note: "end", ...result }));
  return { setup, text: parts.join(""), turns, faults: applied };
};
