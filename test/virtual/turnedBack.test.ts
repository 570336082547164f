// A coordinator that dies while a transition is being turned back: whoever follows it comes to the same end.
import { assert, describe, it } from "vitest";
import { kgraft } from "../../shared/consistency/kgraft.ts";
import type { Gradual } from "../../shared/consistency/model.ts";
import { smallSetup, stuckWorkload } from "../fixtures/setup.ts";
import { runJudged } from "./judged.ts";

const gradual: Gradual = { ...(kgraft.gradual as Gradual), checkNs: 50_000, sync: true };
const setup = smallSetup({
  seed: 3,
  model: { ...kgraft, limitNs: 300_000, onLimit: "reverse", attempts: 1, gradual },
  workload: stuckWorkload,
});

describe("a transition that is turned back", () => {
  it("ends wherever in its end the coordinator is lost, though some CPUs have left it by then", () => {
    const { facts } = runJudged(setup, []);
    const cancelled = facts.find(({ fact }) => fact.fact === "asked" && fact.ask.do === "cancel");
    assert.isDefined(cancelled);
    for (let us = 0; us < 30; us++) {
      const at = Math.floor((cancelled?.at ?? 0) / 1000) + us;
      const { judgement } = runJudged(setup, [`crash coordinator from ${at}us restart after 100us`]);
      assert.deepStrictEqual(judgement.violations, [], `at ${at} us`);
      assert.strictEqual(judgement.outcome, "aborted");
    }
  });
});
