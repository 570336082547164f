// R8 in a whole machine: a coordinator is lost for longer than CPUs may be held.
import { assert, describe, it } from "vitest";
import type { FactOf } from "../../shared/oracle/monitor.ts";
import type { Fact } from "../../shared/protocol/facts.ts";
import { smallSetup } from "../fixtures/setup.ts";
import { type JudgedRun, runJudged } from "./judged.ts";

const setup = smallSetup();
const { holdLimitNs } = setup.model;

const told = <Name extends Fact["fact"]>({ facts }: JudgedRun, name: Name, epoch?: number): ReadonlyArray<FactOf<Name> & { at: number }> =>
  facts.flatMap(({ at, fact }) =>
    fact.fact === name && (epoch === undefined || ("epoch" in fact && fact.epoch === epoch)) ? [{ ...(fact as FactOf<Name>), at }] : [],
  );

const cpusIn = (facts: ReadonlyArray<{ readonly cpu: number }>) => facts.map(({ cpu }) => cpu).toSorted((a, b) => a - b);

describe("a coordinator that is lost for longer than the hold limit", () => {
  it("before the vote: every CPU withdraws at the limit, never votes in that epoch, and the next epoch commits", () => {
    const run = runJudged(setup, ["crash coordinator at prepare"], 2 * holdLimitNs);
    const { end, judgement, byClock } = run;
    assert.deepStrictEqual([...judgement.violations, ...byClock.violations], []);
    const withdrawn = told(run, "withdrew");
    assert.deepStrictEqual(cpusIn(withdrawn), [0, 1, 2, 3]);
    const [gather] = told(run, "asked", 1);
    for (const { at, epoch } of withdrawn) {
      assert.strictEqual(epoch, 1);
      assert.approximately(at - (gather?.at ?? 0), holdLimitNs, 100_000, "held from when the ask arrived");
      assert.isBelow(at, end.healedAt ?? 0, "while no coordinator was there");
    }
    assert.isEmpty(told(run, "voted", 1));
    assert.deepStrictEqual(cpusIn(told(run, "voted", 2)), [0, 1, 2, 3]);
    assert.deepInclude(judgement, { verdict: "valid", outcome: "committed", attempts: 2, version: 1 });
  });

  it("after the vote: nobody may withdraw, all wait with interrupts off, and that epoch commits", () => {
    const run = runJudged(setup, ["crash coordinator at run"], 2 * holdLimitNs);
    assert.deepStrictEqual([...run.judgement.violations, ...run.byClock.violations], []);
    assert.isEmpty(told(run, "withdrew"));
    for (const { at } of told(run, "resumed", 1)) assert.isAbove(at, run.end.healedAt ?? Infinity);
    assert.deepInclude(run.judgement, { verdict: "valid", outcome: "committed", attempts: 1, version: 1 });
  });
});
