// Bytes that nobody should say, on every subject of a run that is under way, from whoever holds the credentials of a host or a
// coordinator: they change nothing, and they are counted.
import { randomBytes } from "node:crypto";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import type { Bus } from "../../shared/live/bus/bus.ts";
import { seal } from "../../shared/live/bus/codec.ts";
import { subjectsOf } from "../../shared/live/bus/subjects.ts";
import { encodeAnswers } from "../../shared/protocol/wire/answers.ts";
import { encodeAsks } from "../../shared/protocol/wire/asks.ts";
import { encodeTold, type Told } from "../../shared/protocol/wire/told.ts";
import { infiltrate } from "./infiltrate.ts";
import { assertSound, factsOf, liveRun, type Watch, whileStill } from "./liveRun.ts";
import { coordinator, host, recorder } from "./onServer.ts";

const cpus = 6;
const stranger = host(2);

const hello = (clock: number, cpu: number) => encodeAnswers(clock, [{ kind: "hello", cpu, incarnation: 1 }]);
const prepare = (clock: number, round: number) =>
  encodeAsks(clock, [{ to: [0, cpus - 1], msg: { kind: "stop", term: 1, epoch: 1, round, ask: { do: "prepare" } } }]);
const told = (from: number, to: number, msg: Told["msg"]) => encodeTold(1, [{ from, to: [to, to], said: 1, msg }]);
const call = (from: number) => told(from, 0, { kind: "call", id: 1, incarnation: 1 });
/** A CPU is made a combiner. */
const combine = (fanout: number) =>
  encodeAsks(1, [
    { to: [0, 0], msg: { kind: "stop", term: 1, epoch: 1, round: 9, ask: { do: "prepare" }, relay: { fanout, subtree: [0, cpus - 1] } } },
  ]);
/** What a combiner hands on, and what it is answered. */
const askOn = (from: number, to: number) => told(from, to, { kind: "stop", term: 1, epoch: 1, round: 9, ask: { do: "prepare" } });
const answerTo = (cpu: number, to: number, more: { readonly carrier?: number } = {}) =>
  told(cpu, to, { kind: "ack", term: 1, epoch: 1, round: 3, cpus: [cpu, cpu], incarnation: 1, report: { kind: "clear" }, ...more });
const ack = (cpu: number, epoch: number) =>
  encodeAnswers(1, [{ kind: "ack", term: 1, epoch, round: 1, cpus: [cpu, cpu], incarnation: 1, report: { kind: "clear" } }]);

/** What is no frame at all, for any subject. */
const rubbish = (sound: Uint8Array): readonly Uint8Array[] => [
  new Uint8Array(),
  randomBytes(3),
  randomBytes(100),
  randomBytes(100_000),
  sound.subarray(0, sound.length - 1),
  Uint8Array.from(sound, (byte, i) => (i === sound.length - 1 ? byte ^ 1 : byte)),
  seal([]),
  seal([9, 1, []]),
  seal([1, -1, [[0, 0], []]]),
];

type Unwanted = readonly [subject: string, bytes: Uint8Array, refusals: number];

/** What nobody should say, on each subject, and how many processes refuse it. */
const frames = (subjects: ReturnType<typeof subjectsOf>): readonly Unwanted[] => {
  const made: Unwanted[] = [];
  const answers = subjects.answers(stranger.number);
  const [asks, asksTo] = [subjects.asks(0), subjects.asksTo(0, 1)];
  const calls = subjects.told(stranger.number, 0);
  for (const bytes of [...rubbish(seal(hello(1, 2))), seal(prepare(1, 1)), seal(hello(1, 3)), seal(ack(0, 1)), seal(hello(2 ** 53 - 1, 2))])
    made.push([answers, bytes, 1]);
  for (const bytes of [...rubbish(seal(prepare(1, 1))), seal(hello(1, 2)), seal(call(2)), seal(prepare(2 ** 53 - 1, 9))])
    made.push([asks, bytes, cpus], [asksTo, bytes, 1]);
  // A combiner of a chain, which is no tree; and one in a run that has none.
  for (const bytes of [combine(1), combine(2)].map(seal)) made.push([asks, bytes, cpus]);
  // By way of a combiner, in a run that has none.
  const byTree = [askOn(2, 3), answerTo(2, 0), answerTo(5, 0, { carrier: 2 })].map(seal);
  for (const bytes of [...rubbish(seal(call(2))), seal(call(3)), seal(prepare(1, 1)), ...byTree]) made.push([calls, bytes, 1]);
  return made;
};

/** Sound, but of an epoch that never was, and for CPUs that there are not. */
const useless = (subjects: ReturnType<typeof subjectsOf>): ReadonlyArray<readonly [subject: string, bytes: Uint8Array]> => {
  const far = encodeAsks(1, [{ to: [cpus, 1000], msg: { kind: "stop", term: 9, epoch: 9, round: 9, ask: { do: "prepare" } } }]);
  return [
    [subjects.answers(stranger.number), seal(ack(2, 7))],
    [subjects.asks(0), seal(far)],
  ];
};

describe("hostile bytes", () => {
  it.live("from within change nothing and are counted", () =>
    Effect.gen(function* () {
      const earlier = new Map<string, Uint8Array>();
      const spies: Bus[] = [];
      const unwanted: Unwanted[] = [];
      /** Hears what the run says from its first moment, to say it again. */
      const spy = async (watch: Watch): Promise<void> => {
        const bus = await infiltrate(watch, recorder);
        spies.push(bus);
        bus.subscribe(subjectsOf(watch.run).everything, (subject, bytes) => {
          if (!earlier.has(subject)) earlier.set(subject, bytes.slice());
          return undefined;
        });
        await bus.flush();
      };
      const attack = async (watch: Watch): Promise<void> => {
        const subjects = subjectsOf(watch.run);
        const asHost = await infiltrate(watch, stranger);
        const asCoordinator = await infiltrate(watch, coordinator);
        spies.push(asHost, asCoordinator);
        unwanted.push(...frames(subjects));
        // What was heard is of rounds that are over.
        for (const [subject, bytes] of [...earlier, ...useless(subjects), ...unwanted]) {
          const bus = subject.includes(".coordinator.") ? asCoordinator : asHost;
          bus.publish(subject, bytes);
        }
        await Promise.all([asHost.flush(), asCoordinator.flush()]);
      };
      const doings: Array<Promise<void>> = [];
      const live = yield* liveRun({
        cpus,
        // Each pause is for as long as it takes to hear of it, and then the process stands still for as long as it must.
        faults: ["pause cpu 5 at gather for 500ms", "pause cpu 5 at disable-irq for 500ms"],
        onFact: (fact, watch) => {
          if (fact.fact !== "asked") return;
          if (fact.ask.do === "gather") doings.push(whileStill(watch.run, "host-5", () => spy(watch)));
          if (fact.ask.do === "disable-irq") doings.push(whileStill(watch.run, "host-5", () => attack(watch)));
        },
      });
      yield* Effect.promise(() => Promise.all(doings));
      yield* Effect.promise(() => Promise.all(spies.map((bus) => bus.close())));
      assertSound(live);
      assert.isAbove(earlier.size, 2);
      assert.deepStrictEqual(
        factsOf(live, "decided").map(({ life, epoch, outcome }) => [life, epoch, outcome]),
        [[0, 1, "committed"]],
      );
      assert.strictEqual(
        live.result.refused,
        unwanted.reduce((sum, [, , refusals]) => sum + refusals, 0),
      );
      // What hosts said earlier was not for the stranger to say: the server let none of it through, and that is all that is told.
      for (const notice of live.notices) assert.match(notice, /^refused host-2: to publish on \S+\.host\.[^2]\.\S+, by the NATS server/);
    }),
  );
});
