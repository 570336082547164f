// The faults of packets, of slow and deaf CPUs, of NMIs and of hotplug, among real processes: each does what it says, and the run ends sound.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { kpatch } from "../../shared/consistency/kpatch.ts";
import { assertSound, factsOf, type LiveRun, liveRun, liveSetup } from "./liveRun.ts";

const cpus = 4;

const applied = ({ result }: LiveRun): number[] => result.faults.map((fault) => fault.applied);
const outcomesOf = (live: LiveRun) => factsOf(live, "decided").map(({ epoch, outcome }) => [epoch, outcome]);

/** When a CPU took up each packet. */
const takenBy = ({ entries }: LiveRun, cpu: number): number[] =>
  entries.flatMap(({ actor, at, kind, body }) => (actor === cpu && kind === "input" && body.kind === "deliver" ? [at] : []));

describe("a packet fault", () => {
  it.live("that corrupts damages real bytes, which their receiver refuses", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({
        cpus,
        faults: ["corrupt 1st stop to cpu 2 during prepare", "corrupt 1st ack from cpu 1 during disable-irq"],
      });
      assertSound(live);
      assert.deepStrictEqual(applied(live), [1, 1]);
      assert.strictEqual(live.result.end.packets.corrupted, 2);
      assert.strictEqual(live.result.refused, 2);
    }),
  );

  it.live("that parts CPUs from the coordinator is survived once it ends, both ways and one way", () =>
    Effect.gen(function* () {
      const faults = ["partition coordinator from cpu 2 from 0ns for 300ms", "partition cpu 3 from coordinator one-way from 0ns for 300ms"];
      const live = yield* liveRun({ cpus, faults });
      assertSound(live);
      assert.isTrue(applied(live).every((count) => count > 0));
      assert.strictEqual(
        live.result.end.packets.dropped,
        applied(live).reduce((sum, count) => sum + count, 0),
      );
      assert.lengthOf(factsOf(live, "voted"), cpus);
    }),
  );

  it.live("that reorders, and one that loses in bursts, are survived", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ cpus, faults: ["reorder 50% within 30ms", "burst 90% of any lasting 3 every 9"] });
      assertSound(live);
      assert.isAbove(live.result.end.packets.delayed, 0);
      assert.isAbove(live.result.end.packets.dropped, 0);
    }),
  );
});

describe("a lasting fault", () => {
  it.live("keeps interrupts off: what comes meanwhile is taken up at the end of the window", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ cpus, faults: ["irqs-off cpu 1 every 500us for 400us", "irqs-off cpu 3 every 40ms for 30ms"] });
      assertSound(live);
      const taken = takenBy(live, 1).map((at) => at % 500_000);
      assert.isTrue(
        taken.every((into) => into >= 400_000),
        taken.join(),
      );
      assert.isTrue(applied(live).every((count) => count > 0));
    }),
  );

  it.live("slows a CPU down: it takes up one packet after the other", () =>
    Effect.gen(function* () {
      const live = yield* liveRun({ cpus, faults: ["slow cpu 2 x50", "drift cpu 1 -1000ppm"] });
      assertSound(live);
      const taken = takenBy(live, 2);
      assert.isAbove(taken.length, 4);
      const takeNs = 49 * liveSetup(cpus).profile.ipiNs.near;
      for (let i = 1; i < taken.length; i++) assert.isAtLeast((taken[i] as number) - (taken[i - 1] as number), takeNs);
      assert.isTrue(applied(live).every((count) => count > 0));
    }),
  );
});

describe("an NMI", () => {
  it.live("before the vote is a veto for a model that minds", () =>
    Effect.gen(function* () {
      const model = { ...kpatch, retryNs: 1e6, limitNs: 8e9, holdLimitNs: 12e9 };
      const live = yield* liveRun({ cpus, setup: liveSetup(cpus, { model }), faults: ["nmi cpu 3 at prepare"] });
      assert.strictEqual(live.result.end.ended, "finished");
      assert.isUndefined(live.divergence);
      assert.deepStrictEqual(live.judgement.violations, []);
      assert.deepStrictEqual(applied(live), [1]);
      const vetoes = factsOf(live, "voted").flatMap(({ cpu, report }) =>
        report.kind === "busy" && report.busy.some(({ task }) => task === "nmi") ? [cpu] : [],
      );
      assert.deepStrictEqual(vetoes, [3]);
    }),
  );
});

describe("a CPU that is unplugged in a stop", () => {
  for (const hosts of [cpus, 2]) {
    it.live(`leaves when it is over, and comes back, with ${cpus} CPUs in ${hosts} processes`, () =>
      Effect.gen(function* () {
        // A CPU that is slow to leave the stop keeps the run open until the one that was unplugged is back and has greeted.
        const faults = ["unplug cpu 2 at prepare replug after 5ms", "unplug cpu 1 at run", "pause cpu 3 at exit for 300ms"];
        const live = yield* liveRun({ cpus, hosts, faults });
        assertSound(live);
        assert.deepStrictEqual(applied(live), [1, 1, 1]);
        assert.deepStrictEqual(outcomesOf(live), [[1, "committed"]]);
        assert.lengthOf(factsOf(live, "resumed"), cpus);
        assert.deepStrictEqual(
          factsOf(live, "running").flatMap(({ cpu, incarnation, version }) => (incarnation > 1 ? [[cpu, incarnation, version]] : [])),
          [[2, 2, 1]],
        );
      }),
    );
  }
});
