// Real faults of a plan: processes that get SIGKILL or SIGSTOP, and a NATS server that is killed. They are counted, undone, and survived.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { models } from "../../shared/consistency/registry.ts";
import { assertSound, factsOf, type LiveRun, liveRun, liveSetup } from "./liveRun.ts";

const outcomesOf = (live: LiveRun) => factsOf(live, "decided").map(({ life, epoch, outcome }) => [life, epoch, outcome]);
const applied = ({ result }: LiveRun) => result.faults.map((fault) => fault.applied);

describe("a process that is killed", () => {
  it.live("is started again, and its CPU ends on the new version", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ faults: ["kill cpu 2 at prepare restart after 5ms", "pause cpu 5 at prepare for 300ms"] });
      assertSound(live);
      assert.deepStrictEqual(applied(live), [1, 1]);
      assert.deepStrictEqual(factsOf(live, "decided")[0]?.reason, { why: "death", cpus: [2, 2], busy: [] });
      const again = factsOf(live, "running").find(({ cpu, incarnation }) => cpu === 2 && incarnation === 2);
      const last = factsOf(live, "resumed").findLast(({ cpu }) => cpu === 2) ?? again;
      assert.strictEqual(last?.version, 1);
      assert.deepStrictEqual(live.notices, []);
    }),
  );

  it.live("takes all of its CPUs with it, and all of them come back", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ cpus: 12, hosts: 3, faults: ["kill cpu 5 from 50ms restart after 1ms"] });
      assertSound(live);
      const again = factsOf(live, "booted").flatMap(({ cpu, incarnation }) => (incarnation === 2 ? [cpu] : []));
      assert.deepStrictEqual(again.toSorted(), [4, 5, 6, 7]);
    }),
  );

  it.live("while it is about to start again is killed when it has", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({
        cpus: 2,
        // Far enough apart for a busy machine not to take both at once.
        faults: ["kill cpu 1 from 50ms restart after 2s", "kill cpu 1 from 1s restart after 1ms"],
      });
      assertSound(live);
      assert.deepStrictEqual(applied(live), [1, 1]);
      const lives = factsOf(live, "booted").flatMap(({ cpu, incarnation }) => (cpu === 1 ? [incarnation] : []));
      assert.deepStrictEqual(lives, [1, 2, 3]);
    }),
  );

  it.live("and is the coordinator is followed by a next life, each time", () =>
    Effect.gen(function* () {
      const faults = ["kill coordinator at run restart after 2ms", "kill coordinator at exit restart after 2ms"];
      const live = yield* liveRun({ faults: [...faults, "pause cpu 5 at run for 200ms", "pause cpu 5 at exit for 200ms"] });
      assertSound(live);
      assert.deepStrictEqual(applied(live), [1, 1, 1, 1]);
      assert.deepStrictEqual(outcomesOf(live), [
        [0, 1, "committed"],
        [1, 1, "committed"],
        [2, 1, "committed"],
      ]);
    }),
  );
});

describe("a process that stands still", () => {
  it.live("is waited for if it runs a CPU, and the run for it", () =>
    Effect.gen(function* () {
      const faults = ["suspend cpu 2 at disable-irq for 300ms", "suspend cpu 3 from 900ms for 50ms"];
      const live = yield* liveRun({ cpus: 4, faults });
      assertSound(live);
      assert.deepStrictEqual(applied(live), [1, 1]);
      assert.deepStrictEqual(outcomesOf(live), [[0, 1, "committed"]]);
      assert.isAbove(live.result.end.at, 950e6);
    }),
  );

  it.live("goes on where it was if it coordinates, though another has taken its place", () =>
    Effect.gen(function* () {
      const faults = ["suspend coordinator at prepare for 400ms", "second coordinator at prepare"];
      const live = yield* liveRun({ cpus: 4, faults });
      assertSound(live);
      assert.deepStrictEqual(applied(live), [1, 1]);
      assert.isAtLeast(factsOf(live, "took").length, 2);
    }),
  );
});

describe("a network that is gone for a while", () => {
  it.live("comes back, and the stop goes on", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ faults: ["pause cpu 5 at disable-irq for 600ms", "outage from 100ms for 50ms"] });
      assertSound(live);
      assert.strictEqual(live.result.serverRestarts, 1);
      assert.isAbove(applied(live)[1] ?? 0, 0);
      assert.deepStrictEqual(outcomesOf(live), [[0, 1, "committed"]]);
    }),
  );
});

describe("every model", () => {
  it.live.each(models)("$name survives kills of CPUs and coordinator, processes that stand still, and an outage", (model) =>
    Effect.gen(function* () {
      const gradual = model.gradual === null ? null : { ...model.gradual, checkNs: 100e6 };
      const live = yield* liveRun({
        cpus: 4,
        setup: liveSetup(4, { operations: ["patch", "unpatch"], model: { ...model, gradual } }),
        faults: [
          "drop 10% of any",
          "kill cpu 1 from 20ms restart after 5ms",
          "kill coordinator from 60ms restart after 5ms",
          "suspend cpu 2 from 120ms for 80ms",
          "outage from 300ms for 10ms",
        ],
      });
      assertSound(live);
    }),
  );
});
