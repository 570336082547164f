// In the middle of an epoch, everything that was said in an earlier one is said again, with asks and answers of old terms and epochs that
// never were, and with frames that were damaged, cut short or misshapen, on every subject: nothing changes, and all is counted.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import fc from "fast-check";
import { hybrid } from "../../shared/consistency/hybrid.ts";
import type { Model } from "../../shared/consistency/model.ts";
import { simple } from "../../shared/consistency/simple.ts";
import type { Bus } from "../../shared/live/bus/bus.ts";
import { seal, unseal } from "../../shared/live/bus/codec.ts";
import { readSubject, subjectsOf, userOf } from "../../shared/live/bus/subjects.ts";
import { type Ask, type Phase, phases, type Report, roundMessage } from "../../shared/protocol/messages.ts";
import { encodeAnswers, readAnswers } from "../../shared/protocol/wire/answers.ts";
import { encodeAsks, readAsks } from "../../shared/protocol/wire/asks.ts";
import { type Wire, wireLimits } from "../../shared/protocol/wire/frame.ts";
import { readTold } from "../../shared/protocol/wire/told.ts";
import { infiltrate } from "./infiltrate.ts";
import { assertSound, factsOf, liveRun, liveSetup, type Watch, whileStill } from "./liveRun.ts";
import { coordinator, host, recorder } from "./onServer.ts";

const cpus = 4;
const all = [0, cpus - 1] as const;
/** Its process stands still during the attack, so that the epoch stays open. */
const still = 3;
/** Who speaks for hosts. */
const stranger = 2;

interface Said {
  readonly subject: string;
  readonly bytes: Uint8Array;
}

const askOf = (name: Phase): Ask => {
  switch (name) {
    case "gather":
      return { do: name, pass: "all" };
    case "prepare":
    case "sync":
      return { do: name };
    case "disable-irq":
      return { do: name, walker: 0 };
    case "run":
      return { do: name, active: 0 };
    case "exit":
      return { do: name, outcome: "aborted", version: 9 };
    case "poke":
      return { do: name, batch: 0, step: 1, target: 9, from: 8 };
    case "complete":
    case "cancel":
      return { do: name, version: 9 };
    default:
      return { do: name, target: 9, from: 8, caller: 0, batch: null };
  }
};

/** Every ask there is, of the epoch before this one and of terms and epochs that never were: to all CPUs in one frame each. */
const oldAsks = phases.flatMap((name) =>
  [
    { term: 1, epoch: 1, round: 1_000_000 },
    { term: 1, epoch: 0, round: 7 },
    { term: 0, epoch: 99, round: 99 },
  ].map((stamp) => seal(encodeAsks(1, [{ to: all, msg: roundMessage(stamp, askOf(name)) }]))),
);

const longList = Array.from({ length: wireLimits.busy }, (_, n) => ({
  task: `task ${n}`,
  function: "f",
  why: "w".repeat(wireLimits.text),
}));
const reports: readonly Report[] = [
  { kind: "done" },
  { kind: "wrote" },
  { kind: "clear" },
  { kind: "busy", busy: longList },
  { kind: "pending", busy: longList },
  { kind: "pending", busy: [] },
];

/** Every answer to rounds that are over or never were. */
const oldAnswers = reports.flatMap((report) =>
  [
    { term: 1, epoch: 1, round: 2 },
    { term: 0, epoch: 2, round: 1 },
    { term: 7, epoch: 7, round: 7 },
  ].map((stamp) => seal(encodeAnswers(1, [{ kind: "ack", ...stamp, cpus: [stranger, stranger], incarnation: 1, report }]))),
);

/** A list of tasks as long as a frame allows, and one that names more than a vote may: no CPU would write either. */
const absurd: readonly Wire[] = [1, 5].map((code) => [
  2,
  1,
  [stranger, stranger, 2, 1, 2, 1, 1, code, ...Array.from({ length: 30_000 }, () => 0)],
  ["t"],
]);

const isRefused = (subject: string, bytes: Uint8Array): boolean => {
  const opened = unseal(bytes);
  if (typeof opened === "string") return true;
  const { from, to } = readSubject(subject) ?? {};
  const own = [from?.number ?? 0, from?.number ?? 0];
  const read =
    from?.role === "coordinator"
      ? readAsks(opened.value)
      : to === "coordinators"
        ? readAnswers(opened.value, own)
        : readTold(opened.value, own);
  return typeof read === "string";
};

/** What becomes of a sound frame on its way: bytes lost or changed, or, under a right check sum, another value in some place. */
const spoilt = (sound: Uint8Array): fc.Arbitrary<Uint8Array> => {
  const value = (unseal(sound) as { readonly value: unknown[] }).value;
  const odd = fc.constantFrom<Wire[number]>(-1, 0.5, 2 ** 53, "text", [], [[[]]], [1, 2, 3]);
  return fc.oneof(
    fc.nat(sound.length - 1).map((length) => sound.subarray(0, length)),
    fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => sound.with(at, (sound[at] as number) ^ bits)),
    fc.tuple(fc.nat(2), odd).map(([at, other]) => seal(value.with(at, other) as Wire)),
    fc.uint8Array({ minLength: 1, maxLength: 5_000 }),
  );
};

/** How many processes hear what is said on a subject. */
const hearersOf = (subject: string): number => (subject.endsWith(".hosts") ? cpus : 1);

const ground: ReadonlyArray<readonly [Model, Phase]> = [
  [simple, "disable-irq"],
  [{ ...hybrid, gradual: hybrid.gradual && { ...hybrid.gradual, checkNs: 100e6 } }, "start"],
];

/** A stranger who has heard the whole run and has everybody's password. */
class Stranger {
  readonly heard: Said[] = [];
  /** How often what it says is to be refused. */
  refusals = 0;
  private readonly open: Bus[] = [];
  private readonly speakers = new Map<string, Bus>();
  private readonly watch: Watch;

  constructor(watch: Watch) {
    this.watch = watch;
  }

  async listen(): Promise<void> {
    const bus = await infiltrate(this.watch, recorder);
    this.open.push(bus);
    bus.subscribe(subjectsOf(this.watch.run).everything, (subject, bytes) => {
      this.heard.push({ subject, bytes: bytes.slice() });
      return undefined;
    });
  }

  async attack(): Promise<void> {
    const subjects = subjectsOf(this.watch.run);
    const before = [...this.heard];
    for (const who of [coordinator, ...Array.from({ length: cpus }, (_, n) => host(n))]) {
      const bus = await infiltrate(this.watch, who);
      this.open.push(bus);
      this.speakers.set(userOf(who), bus);
    }
    const huge = new Uint8Array(wireLimits.frameBytes);
    for (const { subject, bytes } of before) this.say(subject, bytes);
    for (const bytes of [...oldAsks, huge]) this.say(subjects.asks(0), bytes);
    for (const bytes of [...oldAnswers, ...absurd.map(seal), huge]) this.say(subjects.answers(stranger), bytes);
    for (const [subject, bytes] of new Map(before.map((one) => [one.subject, one.bytes]))) {
      const samples = fc.sample(spoilt(bytes), { numRuns: 60, seed: 1 });
      // What is sound by chance and by right of its speaker is no attack.
      for (const spoiled of samples) if (isRefused(subject, spoiled)) this.say(subject, spoiled);
    }
    await Promise.all([...this.speakers.values()].map((bus) => bus.flush()));
  }

  private say(subject: string, bytes: Uint8Array): void {
    if (isRefused(subject, bytes)) this.refusals += hearersOf(subject);
    const { from } = readSubject(subject) as NonNullable<ReturnType<typeof readSubject>>;
    this.speakers.get(userOf(from))?.publish(subject, bytes);
  }

  async leave(): Promise<void> {
    await Promise.all(this.open.map((bus) => bus.close()));
  }
}

describe("what was said before, and what should never be said", () => {
  for (const [model, phase] of ground)
    it.live(`changes nothing of ${model.name}`, () =>
      Effect.gen(function* () {
        let one: Stranger | undefined;
        const doings: Array<Promise<void>> = [];
        const act = (attacker: Stranger, { run }: Watch): Promise<void> => whileStill(run, `host-${still}`, () => attacker.attack());
        const live = yield* liveRun({
          cpus,
          // Long enough for its process to be stopped before it answers.
          faults: [`delay 600ms of ack from cpu ${still} during ${phase}`],
          setup: liveSetup(cpus, { operations: ["patch", "unpatch"], ...(model === simple ? {} : { model }) }),
          onFact: (fact, watch) => {
            if (fact.fact === "took") {
              one = new Stranger(watch);
              doings.push(one.listen());
            }
            if (fact.fact !== "asked" || fact.epoch !== 2 || fact.ask.do !== phase || one === undefined || doings.length > 1) return;
            doings.push(act(one, watch));
          },
        });
        yield* Effect.promise(() => Promise.all(doings));
        yield* Effect.promise(async () => one?.leave());
        assertSound(live);
        assert.deepStrictEqual(
          factsOf(live, "decided").map(({ life, epoch, outcome }) => [life, epoch, outcome]),
          [
            [0, 1, "committed"],
            [0, 2, "committed"],
          ],
        );
        assert.isAbove(one?.refusals ?? 0, 300);
        assert.strictEqual(live.result.refused, one?.refusals);
        // Every old ask was told by every CPU, beside what was heard twice.
        assert.isAtLeast(factsOf(live, "ignored").length, oldAsks.length * cpus);
      }),
    );
});
