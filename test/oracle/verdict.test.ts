// The verdict, its reasons and its exit code, from what was found.
import { assert, describe, it } from "vitest";
import { type Judged, judge } from "../../shared/oracle/verdict.ts";

const judged = (changes: Partial<Judged> = {}): Judged => ({
  end: { ended: "finished" },
  violations: [],
  faults: [],
  outcome: "committed",
  pending: 0,
  turningBack: null,
  operations: { asked: 1, committed: 1 },
  blocker: undefined,
  doubts: [],
  missing: [],
  ...changes,
});

const stuck = { monitor: "converges", reason: "not at an end", atUs: 1 };
const mixed = { monitor: "one-instant", reason: "cpu 1 runs version 0", atUs: 1 };

describe("judge", () => {
  it("finds a run valid that did what was asked", () =>
    assert.deepStrictEqual(judge(judged()), { verdict: "valid", reasons: [], exitCode: 0 }));

  it("tells a run that is stuck from one that is unsafe", () => {
    assert.deepInclude(judge(judged({ violations: [stuck] })), { verdict: "violated", exitCode: 3 });
    assert.deepInclude(judge(judged({ violations: [stuck, mixed] })), { verdict: "violated", exitCode: 1 });
  });

  it("names each monitor once, and whoever holds a stuck run up", () => {
    assert.deepStrictEqual(judge(judged({ violations: [mixed, mixed, mixed] })).reasons, [
      "one-instant: cpu 1 runs version 0 (and 2 more)",
    ]);
    assert.include(judge(judged({ violations: [stuck], blocker: "cpu 3" })).reasons, "cpu 3");
  });

  it("trusts no fault that was never applied, and says whether it matched anything", () => {
    const never = judge(judged({ faults: [{ text: "crash cpu 9 at run", matched: 0, applied: 0 }] }));
    assert.deepInclude(never, { verdict: "unknown", exitCode: 2 });
    assert.match(never.reasons[0] ?? "", /"crash cpu 9 at run" was never applied: it matched nothing/);
    const spared = judge(judged({ faults: [{ text: "drop 1% of ack", matched: 7, applied: 0 }] }));
    assert.match(spared.reasons[0] ?? "", /it matched 7 times/);
    assert.strictEqual(judge(judged({ faults: [{ text: "drop 1% of ack", matched: 7, applied: 1 }] })).verdict, "valid");
  });

  it("does not know of a run that was cut off, or whose record has gaps", () => {
    for (const ended of ["event-limit", "interrupted", "environment"] as const)
      assert.strictEqual(judge(judged({ end: { ended } })).exitCode, 2);
    assert.deepStrictEqual(judge(judged({ doubts: ["the journal of cpu3 ends early"] })).reasons, ["the journal of cpu3 ends early"]);
  });

  it("does not know of a run that patched nothing, and names the blocker", () => {
    const { verdict, reasons } = judge(
      judged({ outcome: "aborted", operations: { asked: 1, committed: 0 }, blocker: "cpu 1, web-1 in vfs_read" }),
    );
    assert.strictEqual(verdict, "unknown");
    assert.deepStrictEqual(reasons, ["nothing was patched: given up", "cpu 1, web-1 in vfs_read"]);
    const half = judge(judged({ outcome: "incomplete", operations: { asked: 2, committed: 1 } }));
    assert.deepStrictEqual(half.reasons, ["only 1 of 2 operations were carried out: the run ended before that"]);
  });

  it("does not know of a violation before which something may be missing, unless it is the driver that saw it", () => {
    const missing = ["the journal of host-1-1 lacks its last 9 of 90 bytes"];
    assert.deepStrictEqual(judge(judged({ violations: [mixed], missing })), {
      verdict: "unknown",
      reasons: [...missing, "it looks as if: one-instant: cpu 1 runs version 0"],
      exitCode: 2,
    });
    assert.strictEqual(judge(judged({ violations: [stuck], missing })).exitCode, 3);
    assert.strictEqual(judge(judged({ missing })).verdict, "valid");
  });

  it("lets a violation speak before everything else", () =>
    assert.strictEqual(judge(judged({ violations: [mixed], outcome: "aborted", end: { ended: "interrupted" } })).exitCode, 1));
});
