// What a host that has joined may report: of its own CPUs, in its own life, one thing after the other.
import { assert, describe, it } from "@effect/vitest";
import { lifeStride } from "../../../shared/live/membership/lease.ts";
import { InTurn, Numbered } from "../../../shared/live/membership/mail.ts";
import { type Charge, readReport, trespass } from "../../../shared/live/membership/report.ts";
import type { Report } from "../../../shared/live/process/control.ts";
import { planOf } from "../../../shared/nemesis/plan.ts";

const faults = ["crash cpu 2 at prepare", "crash cpu 5 at prepare", "crash coordinator at run", "second coordinator at run"];
/** The second of three hosts of six CPUs, in the first life of its range under the second coordinator. */
const charge: Charge = { cpus: [2, 3], incarnation: 5_001, faults: planOf(faults, 1).plan.faults };

const envelope = (report: unknown): unknown => ({ driver: 2, life: 1, child: 1, n: 1, what: { report } });

describe("a report of a host", () => {
  it.each<[Report, boolean]>([
    [{ report: "ready" }, true],
    [{ report: "wrote", bytes: 7, again: 0 }, true],
    [{ report: "settled", running: 1, alive: 2 }, true],
    [{ report: "settled", running: 2, alive: 3 }, false],
    [{ report: "died", lives: [[3, 5_001]] }, true],
    [
      {
        report: "died",
        lives: [
          [3, 5_001],
          [4, 5_001],
        ],
      },
      false,
    ],
    [{ report: "died", lives: [[3, 5_000]] }, false],
    [{ report: "up", lives: [[2, 5_001 + lifeStride]] }, false],
    [{ report: "up", lives: [[0, 5_001]] }, false],
    [{ report: "hit", hit: { index: 0, actor: 2 }, fatal: true }, true],
    [{ report: "hit", hit: { index: 0, actor: 3 }, fatal: true }, false],
    [{ report: "hit", hit: { index: 1, actor: 5 }, fatal: true }, false],
    [{ report: "hit", hit: { index: 2, actor: 2 }, fatal: false }, false],
    [{ report: "hit", hit: { index: 2, actor: "coordinator" }, fatal: true }, false],
    [{ report: "hit", hit: { index: 3, actor: "coordinator" }, fatal: false }, false],
    [{ report: "miss", hit: { index: 9, actor: 2 } }, false],
  ])("%j: is for it to say: %s", (said, isOwn) => {
    assert.isDefined(readReport(envelope(said)));
    assert.strictEqual(trespass(said, charge) === undefined, isOwn);
  });

  it.each<[unknown]>([
    [undefined],
    [null],
    [[]],
    [envelope({ report: "fact", at: 1, fact: { fact: "decided" } })],
    [envelope({ report: "died", lives: [] })],
    [envelope({ report: "died", lives: [["2", 1]] })],
    [envelope({ report: "died", lives: [[2, -1]] })],
    [envelope({ report: "notice", text: "x".repeat(1 << 20) })],
    [envelope({ report: "ready", more: 1 })],
    [envelope({ report: "counts", counts: {} })],
    [{ ...(envelope({ report: "ready" }) as object), n: 1.5 }],
    [{ ...(envelope({ report: "ready" }) as object), what: { exit: { kind: "dead", how: "" } } }],
  ])("%# is none", (value) => assert.isUndefined(readReport(value)));
});

describe("what is said over the stream", () => {
  it("is taken once, and what never came shows", () => {
    const numbered = new Numbered();
    assert.deepStrictEqual(
      [1, 2, 2, 1, 4, 5, 3].map((n) => numbered.take(n)),
      ["next", "next", "again", "again", "gap", "next", "again"],
    );
  });

  it("is handed on in its order, though the first takes a while", async () => {
    const done: string[] = [];
    const first = Promise.withResolvers<void>();
    const last = Promise.withResolvers<void>();
    const turn = new InTurn();
    turn.do(async () => {
      await first.promise;
      done.push("go");
    });
    turn.do(() => void done.push("died"));
    turn.do(() => last.resolve());
    first.resolve();
    await last.promise;
    assert.deepStrictEqual(done, ["go", "died"]);
  });
});
