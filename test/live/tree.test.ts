// Rounds by a tree over real processes: what goes by combiners, what a killed or stopped one costs, and who may speak for whom.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import type { Bus } from "../../shared/live/bus/bus.ts";
import { seal } from "../../shared/live/bus/codec.ts";
import { cpusOf, hostOf, type Layout } from "../../shared/live/bus/layout.ts";
import { subjectsOf } from "../../shared/live/bus/subjects.ts";
import { covers, oneCpu } from "../../shared/machine/cpuSet.ts";
import { isCoordinator } from "../../shared/machine/machine.ts";
import type { Ack, Report } from "../../shared/protocol/messages.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { encodeAnswers } from "../../shared/protocol/wire/answers.ts";
import { encodeTold, type Told } from "../../shared/protocol/wire/told.ts";
import { infiltrate } from "./infiltrate.ts";
import { assertSound, factsOf, type LiveRun, liveRun, liveSetup, type RunOptions, signal, type Watch } from "./liveRun.ts";
import { host, recorder } from "./onServer.ts";

const cpus = 8;

/** CPUs 0 and 4 are asked first; 4 asks 5, and 6, which asks 7. Of three hosts the middle one has the CPUs 2 to 4. */
const layout: Layout = { cpus, hosts: 3 };
const tree: Setup = liveSetup(cpus, { topology: { shape: "tree", fanout: 2 } });
const treeRun = (options: RunOptions) => liveRun({ cpus, hosts: layout.hosts, setup: tree, ...options });

/** The acks that a coordinator has taken. */
const acksOf = ({ entries }: LiveRun): readonly Ack[] =>
  entries.flatMap(({ actor, kind, body }) =>
    kind === "input" && isCoordinator(actor) && body.kind === "deliver" && body.msg.kind === "ack" ? [body.msg] : [],
  );

/** True of what a combiner says for CPUs of another host. */
const isOfOthers = ({ carrier, cpus: spokenFor }: Ack): boolean =>
  carrier !== undefined && !covers(cpusOf(layout, hostOf(layout, carrier)), spokenFor);

const outcomes = (live: LiveRun) => factsOf(live, "decided").map(({ epoch, outcome }) => [epoch, outcome]);

describe("a tree of live CPUs", () => {
  it.live("answers over hosts, and where every fifth packet is lost", () =>
    Effect.gen(function* () {
      const whole = yield* treeRun({});
      assertSound(whole);
      assert.isTrue(acksOf(whole).some(isOfOthers), "nothing came by a combiner");
      const lossy = yield* treeRun({ faults: ["drop 20% of stop", "drop 20% of ack"] });
      assertSound(lossy);
      assert.deepStrictEqual(outcomes(lossy).at(-1)?.[1], "committed");
    }),
  );

  it.live("says nothing over the bus within a host", () =>
    Effect.gen(function* () {
      const spies: Array<Promise<Bus>> = [];
      const heard = new Set<string>();
      const spy = async (watch: Watch): Promise<Bus> => {
        const bus = await infiltrate(watch, recorder);
        bus.subscribe(subjectsOf(watch.run).everything, (subject) => {
          heard.add(subject.split(".").slice(2).join("."));
          return undefined;
        });
        return bus;
      };
      // The pause leaves the spy time to join before the stop.
      const live = yield* treeRun({
        hosts: 1,
        faults: ["pause cpu 3 at gather for 500ms"],
        onFact: (fact, watch) => fact.fact === "took" && spies.push(spy(watch)),
      });
      for (const bus of yield* Effect.promise(() => Promise.all(spies))) yield* Effect.promise(() => bus.close());
      assertSound(live);
      assert.isTrue(acksOf(live).some(({ carrier }) => carrier === 0));
      assert.deepStrictEqual(
        [...heard].filter((subject) => subject.startsWith("host")),
        ["host.0.coordinators"],
      );
    }),
  );

  it.live("outlives the process of a combiner", () =>
    Effect.gen(function* () {
      let killed = false;
      const live = yield* treeRun({
        faults: ["pause cpu 7 at prepare for 700ms"],
        onFact: (fact, { run }) => {
          if (killed || fact.fact !== "asked" || fact.ask.do !== "prepare") return;
          killed = true;
          signal(run, "host-1", "SIGKILL");
        },
      });
      assertSound(live);
      assert.strictEqual(factsOf(live, "decided")[0]?.reason?.why, "death");
      assert.deepStrictEqual(outcomes(live).at(-1), [2, "committed"]);
      assert.deepStrictEqual(factsOf(live, "opened").at(-1)?.participants, [0, 1, 5, 7]);
    }),
  );

  it.live("asks straight those below a combiner that stands still, and loses no more than time", () =>
    Effect.gen(function* () {
      // A pause comes before the step, so that nothing is handed on; a signal from outside may come when the stop is over.
      const live = yield* treeRun({ faults: ["pause cpu 4 at prepare for 700ms"] });
      assertSound(live);
      assert.deepStrictEqual(outcomes(live), [[1, "committed"]]);
      const straight = acksOf(live).filter(({ carrier, round }) => carrier === undefined && round === 2);
      for (const cpu of [5, 6, 7])
        assert.isTrue(
          straight.some((ack) => covers(ack.cpus, oneCpu(cpu))),
          `cpu ${cpu} was not asked straight`,
        );
    }),
  );

  it.live("lets no host speak for CPUs that were not asked by way of its own", () =>
    Effect.gen(function* () {
      const stranger = 1;
      const clear: Report = { kind: "clear" };
      const said: Ack = { kind: "ack", term: 1, epoch: 1, round: 3, cpus: [5, 7], incarnation: 1, report: clear };
      const carriedBy = (carrier: number, of: Ack["cpus"]): Ack => ({ ...said, cpus: of, carrier });
      const toldBy = (from: number, to: number, msg: Told["msg"]) => seal(encodeTold(1, [{ from, to: oneCpu(to), said: 1, msg }]));
      let attack: Promise<void> | undefined;
      const attacks = async (watch: Watch): Promise<void> => {
        const subjects = subjectsOf(watch.run);
        const bus = await infiltrate(watch, host(stranger));
        const exit = { kind: "stop", term: 1, epoch: 1, round: 9, ask: { do: "exit", outcome: "committed", version: 1 } } as const;
        // Refused as they are read: CPUs of others, be it without a carrier, with another's, or with one that is above them.
        for (const ack of [said, carriedBy(5, [5, 7]), carriedBy(3, [2, 7])])
          bus.publish(subjects.answers(stranger), seal(encodeAnswers(1, [ack])));
        bus.publish(subjects.told(stranger, 2), toldBy(6, 7, exit));
        bus.publish(subjects.told(stranger, 0), toldBy(4, 1, exit));
        // Nor is anybody made a combiner of CPUs that there are not, or by a chain.
        for (const relay of [
          { fanout: 2, subtree: [6, cpus] },
          { fanout: 1, subtree: [6, 7] },
        ])
          bus.publish(subjects.told(stranger, 2), toldBy(4, 6, { ...exit, relay }));
        // Read, and refused by whoever asked: none of these was asked by way of that CPU.
        for (const ack of [carriedBy(2, [5, 7]), carriedBy(3, [5, 7]), carriedBy(2, [2, 7])])
          bus.publish(subjects.answers(stranger), seal(encodeAnswers(1, [ack])));
        bus.publish(subjects.told(stranger, 2), toldBy(2, 6, carriedBy(2, [7, 7])));
        await bus.flush();
        await bus.close();
      };
      const live = yield* treeRun({
        faults: ["pause cpu 7 at disable-irq for 1s"],
        onFact: (fact, watch) => {
          if (attack === undefined && fact.fact === "asked" && fact.ask.do === "disable-irq") attack = attacks(watch);
        },
      });
      yield* Effect.promise(async () => attack);
      assertSound(live);
      assert.strictEqual(live.result.refused, 7);
      assert.deepStrictEqual(outcomes(live), [[1, "committed"]]);
      const vote = factsOf(live, "round-ended").find(({ phase }) => phase === "disable-irq");
      assert.strictEqual(vote?.acks, cpus);
      assert.isAtLeast(vote?.late ?? 0, 3);
    }),
  );
});
