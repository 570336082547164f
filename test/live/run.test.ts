// Runs of real processes on a real server: they commit, and every fault of a plan ends as the protocol says.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import type { Fact } from "../../shared/protocol/facts.ts";
import { smallWorkload } from "../fixtures/setup.ts";
import { assertSound, factsOf, type LiveRun, liveRun, liveSetup } from "./liveRun.ts";

const outcomesOf = (live: LiveRun) => factsOf(live, "decided").map(({ life, epoch, outcome }) => [life, epoch, outcome]);

const applied = ({ result }: LiveRun) => result.faults.map((fault) => fault.applied);

describe("a live run", () => {
  it.live("commits with a process for each of 8 CPUs", () =>
    Effect.gen(function* () {
      const heard = new Set<string>();
      const live = yield* liveRun({
        onMessage: ({ kind }) => {
          heard.add(kind);
        },
      });
      assertSound(live);
      assert.deepStrictEqual(outcomesOf(live), [[0, 1, "committed"]]);
      assert.deepInclude(live.result, { refused: 0, serverRestarts: 0 });
      assert.lengthOf(live.result.journals, 9);
      assert.isTrue(heard.has("asks") && heard.has("answers"));
      for (const { cpu, version } of factsOf(live, "resumed")) assert.strictEqual(version, 1, `cpu ${cpu}`);
      assert.lengthOf(factsOf(live, "resumed"), 8);
      assert.deepStrictEqual(live.notices, []);
    }),
  );

  it.live("commits with 64 CPUs in 4 processes", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ cpus: 64, hosts: 4 });
      assertSound(live);
      assert.lengthOf(live.result.journals, 5);
      assert.lengthOf(factsOf(live, "voted"), 64);
    }),
  );

  it.live("commits although a fifth of all packets is lost, since it asks again", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ faults: ["drop 20% of any"] });
      assertSound(live);
      assert.isAbove(live.result.end.packets.dropped, 0);
      assert.isAbove(
        factsOf(live, "round-ended").reduce((sum, { resent }) => sum + resent, 0),
        0,
      );
    }),
  );

  it.live("commits although packets come late and twice", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ faults: ["delay 1ms..30ms of stop", "duplicate 50% of ack after 1ms..40ms"] });
      assertSound(live);
      assert.isAbove(live.result.end.packets.delayed, 0);
    }),
  );
});

describe("a CPU that crashes", () => {
  it.live("and stays dead ends the epoch, and the next does without it", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ faults: ["crash cpu 2 at prepare"] });
      assertSound(live);
      assert.deepStrictEqual(outcomesOf(live), [
        [0, 1, "aborted"],
        [0, 2, "committed"],
      ]);
      assert.deepStrictEqual(factsOf(live, "decided")[0]?.reason, { why: "death", cpus: [2, 2], busy: [] });
      assert.deepStrictEqual(factsOf(live, "opened")[1]?.participants, [0, 1, 3, 7]);
      assert.deepStrictEqual(applied(live), [1]);
    }),
  );

  it.live("and starts again is admitted again and ends on the new version", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ faults: ["crash cpu 2 at prepare restart after 5ms"] });
      assertSound(live);
      const again = factsOf(live, "running").filter(({ cpu, incarnation }) => cpu === 2 && incarnation === 2);
      assert.lengthOf(again, 1);
      const last = factsOf(live, "resumed").findLast(({ cpu }) => cpu === 2) ?? again[0];
      assert.strictEqual(last?.version, 1);
    }),
  );

  it.live("among others in its process leaves those alone, and starts again beside them", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({
        hosts: 2,
        faults: ["crash cpu 2 at prepare restart after 5ms", "crash cpu 5 at disable-irq", "pause cpu 1 at gather for 20ms"],
      });
      assertSound(live);
      assert.deepStrictEqual(applied(live), [1, 1, 1]);
      assert.lengthOf(live.result.journals, 3);
      assert.deepStrictEqual(
        factsOf(live, "booted").flatMap(({ cpu, incarnation }) => (incarnation > 1 ? [[cpu, incarnation]] : [])),
        [[2, 2]],
      );
    }),
  );

  it.live("is not waited for by those who call it, whether they lived then or not", () =>
    Effect.gen(function* () {
      const setup = liveSetup(4, {
        workload: { ...smallWorkload, crossCalls: { perSecond: 300 } },
        operations: ["patch", "unpatch", "patch", "unpatch"],
      });
      const faults = ["crash cpu 1 at prepare", "crash cpu 2 at prepare restart after 1ms", "pause cpu 0 at exit for 300ms"];
      const live = yield* liveRun({ cpus: 4, setup, faults });
      assertSound(live);
      const told = live.entries.flatMap(({ actor, kind, body }) =>
        kind === "input" && body.kind === "died" && actor >= 0 ? [[actor, body.cpu]] : [],
      );
      assert.isTrue(
        told.some(([, cpu]) => cpu === 1),
        "somebody called it",
      );
      assert.deepStrictEqual(factsOf(live, "call-stuck"), []);
    }),
  );

  it.live("before anything was patched, and all others with it, leaves nothing to patch", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ cpus: 2, faults: ["crash cpu 0-1 at gather"] });
      assert.strictEqual(live.result.end.ended, "finished");
      assert.deepStrictEqual(outcomesOf(live), [[0, 1, "aborted"]]);
      assert.deepStrictEqual(
        factsOf(live, "finished").map(({ outcome }) => outcome),
        ["gave-up"],
      );
    }),
  );
});

describe("a fault at a time", () => {
  it.live("strikes although all else is done by then, and the run waits for it", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ cpus: 2, faults: ["pause cpu 1 from 600ms for 1ms", "crash cpu 0 from 700ms restart after 1ms"] });
      assertSound(live);
      assert.deepStrictEqual(applied(live), [1, 1]);
    }),
  );

  it.live("that finds its CPU dead is not said to have struck", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ cpus: 3, hosts: 1, faults: ["crash cpu 1 at prepare", "pause cpu 1 from 800ms for 1ms"] });
      assert.strictEqual(live.result.end.ended, "finished");
      assert.deepStrictEqual(applied(live), [1, 0]);
      assert.strictEqual(live.judgement.verdict, "unknown");
    }),
  );
});

describe("two lives of the coordinator", () => {
  it.live("one after the other follow one decision", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ faults: ["crash coordinator at run restart after 2ms"] });
      assertSound(live);
      assert.deepStrictEqual(outcomesOf(live), [
        [0, 1, "committed"],
        [1, 1, "committed"],
      ]);
    }),
  );

  it.live("side by side: the second takes its term while the stop is open, one stands down, and both follow one decision", () =>
    Effect.gen(function* () {
      // A small machine may be through with the stop before another process has spoken once; so the first is held up a little.
      const live = yield* liveRun({ faults: ["second coordinator at run", "pause coordinator at run for 100ms"] });
      assertSound(live);
      assert.isTrue(outcomesOf(live).every(([, epoch, outcome]) => epoch === 1 && outcome === "committed"));
      const facts = live.entries.flatMap(({ kind, body }) => (kind === "fact" ? [body as Fact] : []));
      const took = facts.findIndex((fact) => fact.fact === "took" && fact.life === 1);
      const over = facts.findLastIndex(({ fact }) => fact === "resumed");
      assert.isTrue(took >= 0 && took < over, `took its term at ${took}, the last CPU resumed at ${over}`);
    }),
  );

  it.live("one that stays dead is replaced when the run is healed", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ cpus: 2, faults: ["crash coordinator at prepare"], timeLimitNs: 1.5e9 });
      assertSound(live);
      assert.isNotNull(live.result.end.healedAt);
      assert.deepStrictEqual(outcomesOf(live), [
        [1, 1, "aborted"],
        [1, 2, "committed"],
      ]);
    }),
  );
});
