// Live runs that somebody steers while they are under way: faults that are added, further operations, a transition that is turned or forced;
// each is in the journal, and a replay takes it again.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import type { Reins, Viewing } from "../../shared/live/driver/lookout.ts";
import { isProblem, parseFault } from "../../shared/nemesis/grammar.ts";
import type { Fault } from "../../shared/nemesis/registry.ts";
import type { CoordinatorFact } from "../../shared/protocol/facts.ts";
import type { Control } from "../../shared/protocol/messages.ts";
import { factsOf, liveRun, liveSetup } from "./liveRun.ts";

const faultOf = (text: string): Fault => {
  const fault = parseFault(text);
  if (isProblem(fault)) throw new Error(fault.message);
  return fault;
};

/** Whoever holds the reins, once there are any. */
class Rider {
  reins: Reins | undefined;
  closed = 0;
  /** What was said to the first fault, before power-on. */
  early: boolean | undefined;

  viewing(stayOn: boolean): Viewing {
    return {
      origins: ["http://127.0.0.1:1"],
      stayOn,
      onOpen: (webSocket, viewer, reins) => {
        assert.match(webSocket, /^ws:\/\/127\.0\.0\.1:\d+$/);
        assert.match(viewer, /^nats:\/\/viewer:/);
        this.early = reins.inject(faultOf("drop 1st any"));
        this.reins = reins;
      },
      onClose: () => {
        this.closed++;
      },
    };
  }

  control(msg: Omit<Control & { do: "reverse" | "force" }, "kind"> | Omit<Control & { do: "operate" }, "kind">): void {
    this.reins?.control({ kind: "control", ...msg });
  }
}

describe("a machine that stays on", () => {
  it.live("is struck by a fault that comes later, unpatched when it is told to, and ends when it is told to", () =>
    Effect.gen(function* () {
      const rider = new Rider();
      let finished = 0;
      const added: Array<boolean | undefined> = [];
      const onFact = ({ fact }: CoordinatorFact): void => {
        if (fact !== "finished") return;
        finished++;
        if (finished > 1) return rider.reins?.finish();
        added.push(rider.reins?.inject(faultOf("drop 1st ack from cpu 1 during prepare")));
        rider.control({ do: "operate", operation: "unpatch" });
      };
      const setup = liveSetup(3);
      const live = yield* liveRun({ cpus: 3, setup, onFact, viewing: rider.viewing(true) });
      assert.deepStrictEqual([rider.early, added, rider.closed], [false, [true], 1]);
      assert.deepStrictEqual(
        factsOf(live, "closed").map(({ version }) => version),
        [1, 0],
      );
      assert.deepStrictEqual(
        live.result.faults.map(({ text, applied }) => [text, applied]),
        [["drop 1st ack from cpu 1 during prepare", 1]],
      );
      assert.isAbove(
        factsOf(live, "round-ended").reduce((sum, { resent }) => sum + resent, 0),
        0,
      );
      assert.isUndefined(live.divergence);
      assert.deepStrictEqual(live.judgement.violations, []);
    }),
  );
});

describe("a transition", () => {
  const setup = liveSetup(3, { model: { ...hybrid, attempts: 1 } });
  // Its first round waits for this CPU for so long that whatever somebody does comes in between.
  const faults = ["pause cpu 1 at start for 400ms"];

  it.live("is turned back by hand", () =>
    Effect.gen(function* () {
      const rider = new Rider();
      const onFact = (fact: CoordinatorFact): void => {
        if (fact.fact === "asked" && fact.ask.do === "start") rider.control({ do: "reverse" });
      };
      const live = yield* liveRun({ cpus: 3, setup, faults, onFact, viewing: rider.viewing(false) });
      const [decided] = factsOf(live, "decided");
      assert.deepStrictEqual([decided?.outcome, decided?.reason?.why], ["aborted", "reversed"]);
      assert.isUndefined(live.divergence);
    }),
  );

  it.live("is forced by hand", () =>
    Effect.gen(function* () {
      const rider = new Rider();
      const onFact = (fact: CoordinatorFact): void => {
        if (fact.fact === "asked" && fact.ask.do === "start") rider.control({ do: "force" });
      };
      const live = yield* liveRun({ cpus: 3, setup, faults, onFact, viewing: rider.viewing(false) });
      assert.include(
        factsOf(live, "asked").map(({ ask }) => ask.do),
        "force",
      );
      assert.strictEqual(factsOf(live, "decided")[0]?.outcome, "committed");
      assert.isUndefined(live.divergence);
    }),
  );
});
