// The virtual engine: the same seed is the same run to the last turn, time limits and deaths are kept, and pauses keep their order.
import { afterEach, assert, describe, it, vi } from "vitest";
import { toArray } from "../../shared/machine/cpuSet.ts";
import { lifeOf } from "../../shared/machine/machine.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import type { Message, MessageKind } from "../../shared/protocol/messages.ts";
import type { FaultApplied, TurnTaken } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";
import type { VirtualOptions, VirtualResult } from "../../shared/virtual/options.ts";
import { smallSetup, smallWorkload, stuckWorkload } from "../fixtures/setup.ts";
import { PlainQueue } from "./plainQueue.ts";

interface Recorded extends VirtualResult {
  readonly turns: readonly TurnTaken[];
  readonly applied: readonly FaultApplied[];
}

const record = (setup: Setup, faults: readonly string[] = [], changes: Partial<VirtualOptions> = {}, run = runVirtual): Recorded => {
  const { plan, problems } = planOf(faults, setup.seed);
  assert.deepStrictEqual(problems, []);
  const turns: TurnTaken[] = [];
  const applied: FaultApplied[] = [];
  const observer = {
    turn: (turn: TurnTaken) => {
      turns.push(structuredClone(turn));
    },
    fault: (fault: FaultApplied) => {
      applied.push(fault);
    },
  };
  const result = run({ setup, plan, timeLimitNs: 1e9, eventLimit: 1e9, observer, ...changes });
  return { ...result, turns, applied };
};

const quiet = { ...smallWorkload, crossCalls: { perSecond: 0 }, irqsOff: { perSecond: 0, ns: { kind: "constant", ns: 1 } as const } };

const received = (turns: readonly TurnTaken[], kind: MessageKind): ReadonlyArray<{ turn: TurnTaken; msg: Message }> =>
  turns.flatMap((turn) => (turn.input.kind === "deliver" && turn.input.msg.kind === kind ? [{ turn, msg: turn.input.msg }] : []));

const faulty = [
  ["drop 20% of any", "duplicate 20% of any after 1us..1ms"],
  ["delay 1us..3ms of any", "crash cpu 2 at prepare restart after 300us"],
  ["pause cpu 1 at gather for 2ms", "second coordinator at run", "crash coordinator at disable-irq restart after 100us"],
];

describe("a seed", () => {
  it.each([[], ...faulty])("gives the same turns each time, and another seed others (%s %s %s)", (...texts) => {
    const faults = texts.filter((text) => text !== undefined);
    for (const cpus of [1, 5, 70]) {
      const once = record(smallSetup({ cpus, seed: 7 }), faults);
      assert.deepStrictEqual(record(smallSetup({ cpus, seed: 7 }), faults), once);
      assert.notDeepEqual(record(smallSetup({ cpus, seed: 8 }), faults).turns, once.turns);
    }
  });

  it("decides everything but what is looked at: a run that nobody observes ends as it does when observed", () => {
    const { end } = record(smallSetup({ cpus: 9 }));
    assert.deepStrictEqual(record(smallSetup({ cpus: 9 }), [], { observer: null }).end, end);
  });
});

describe("the queue", () => {
  afterEach(() => {
    vi.doUnmock("../../shared/virtual/queue.ts");
    vi.resetModules();
  });

  it("could be any that keeps the order: the run is the same", async () => {
    vi.doMock("../../shared/virtual/queue.ts", () => ({ EventQueue: PlainQueue }));
    vi.resetModules();
    const { runVirtual: onPlainQueue } = await import("../../shared/virtual/engine.ts");
    for (const faults of [[], ...faulty]) {
      const setup = smallSetup({ cpus: 12, operations: ["patch", "unpatch"] });
      assert.deepStrictEqual(record(setup, faults, {}, onPlainQueue), record(setup, faults));
    }
  });
});

describe("time", () => {
  it("never goes back, for anybody", () => {
    let now = 0;
    for (const { input } of record(smallSetup({ cpus: 6 }), faulty[1]).turns) {
      assert.isAtLeast(input.at, now);
      now = input.at;
    }
  });

  it("orders clocks: what is received comes after what was sent, and each actor's own turns in order", () => {
    const clocks = new Map<number, number>();
    for (const { actor, clock } of record(smallSetup({ cpus: 6 }), faulty[2]).turns) {
      assert.isAbove(clock, clocks.get(actor) ?? 0);
      clocks.set(actor, clock);
    }
  });

  it("limit: faults are switched off then, and the run comes to its end", () => {
    const { end, turns } = record(smallSetup(), ["drop 100% of ack"], { timeLimitNs: 3e6 });
    assert.strictEqual(end.ended, "finished");
    assert.strictEqual(end.healedAt, 3e6);
    assert.isAbove(received(turns, "ack")[0]?.turn.input.at ?? 0, 3e6);
  });

  it("limit: a coordinator is started if none is left to go on", () => {
    const { end, turns } = record(smallSetup(), ["crash coordinator at prepare"], { timeLimitNs: 2e6 });
    assert.strictEqual(end.ended, "finished");
    const second = turns.find(({ actor, input }) => actor < 0 && lifeOf(actor) === 1 && input.kind === "start");
    assert.strictEqual(second?.input.at, 2e6);
  });

  it("limit: what ends before it is not disturbed by it", () => {
    const { end } = record(smallSetup());
    assert.strictEqual(end.healedAt, null);
    assert.isBelow(end.at, 1e9);
  });

  it("limit of events: the run stops there and says so", () => {
    const { end } = record(smallSetup(), [], { eventLimit: 20 });
    assert.deepInclude(end, { ended: "event-limit", events: 20 });
  });

  it("a machine that never comes out is given up, not waited for", () => {
    const { end, turns } = record(smallSetup({ workload: stuckWorkload, cpus: 2 }));
    assert.strictEqual(end.ended, "finished");
    const facts = turns.flatMap(({ outputs }) => outputs.flatMap((output) => (output.kind === "announce" ? [output.fact] : [])));
    assert.deepInclude(
      facts.find(({ fact }) => fact === "finished"),
      { outcome: "gave-up" },
    );
  });
});

describe("a paused CPU", () => {
  const pauseNs = 3e6;
  const { turns, applied } = record(smallSetup({ cpus: 4, workload: { ...quiet, crossCalls: { perSecond: 20_000 } } }), [
    "pause cpu 2 at prepare for 3ms",
  ]);
  const from = applied[0]?.at ?? 0;
  const own = turns.filter(({ actor }) => actor === 2);

  it("takes no input", () => {
    assert.deepStrictEqual(
      own.filter(({ input }) => input.at > from && input.at < from + pauseNs),
      [],
    );
  });

  it("takes what came meanwhile when it goes on, in the order in which it came", () => {
    const late = own.flatMap(({ input }) => (input.at === from + pauseNs && input.kind === "deliver" ? [input] : []));
    const last = new Map<string, number>();
    // Rounds, and the calls of one CPU, are sent in ascending order and far apart: so they arrive.
    for (const { from: sender, msg } of late) {
      if (msg.kind !== "stop" && msg.kind !== "call") continue;
      const place = msg.kind === "stop" ? msg.round : msg.id;
      assert.isAtLeast(place, last.get(`${sender} ${msg.kind}`) ?? 0);
      last.set(`${sender} ${msg.kind}`, place);
    }
    assert.isAbove(late.length, last.size);
  });
});

describe("a crashed CPU", () => {
  it("takes what it had not sent yet with it", () => {
    const setup = smallSetup({ cpus: 2, workload: quiet });
    const preparedBy = (turns: readonly TurnTaken[]) =>
      received(turns, "ack").flatMap(({ msg }) => (msg.kind === "ack" && msg.epoch === 1 && msg.round === 2 ? toArray(msg.cpus) : []));
    const { turns } = record(setup);
    assert.deepStrictEqual(preparedBy(turns).toSorted(), [0, 1]);
    const asked = received(turns, "stop").find(({ turn, msg }) => turn.actor === 1 && msg.kind === "stop" && msg.ask.do === "prepare");
    // The stopper takes 3 us to wake and to ack.
    const crashed = record(setup, [`crash cpu 1 from ${(asked?.turn.input.at ?? 0) + 1_000}ns`]);
    assert.lengthOf(crashed.applied, 1);
    assert.deepStrictEqual(preparedBy(crashed.turns), [0]);
  });

  it("is told to every coordinator, also to one that comes later", () => {
    const { turns } = record(smallSetup({ cpus: 3 }), ["crash cpu 1 at prepare", "crash coordinator at run restart after 50us"]);
    const told = turns.flatMap(({ actor, input }) =>
      actor < 0 && input.kind === "died" ? [[lifeOf(actor), input.cpu, input.incarnation]] : [],
    );
    assert.deepStrictEqual(told, [
      [0, 1, 1],
      [1, 1, 1],
    ]);
  });

  it("has a timer no more, and comes back as its next incarnation", () => {
    const { turns, applied } = record(smallSetup({ cpus: 3 }), ["crash cpu 1 at gather restart after 200us"]);
    const crashedAt = applied[0]?.at ?? 0;
    const later = turns.filter(({ actor, input }) => actor === 1 && input.at > crashedAt);
    assert.deepInclude(later[0]?.input, { kind: "start", incarnation: 2, at: crashedAt + 200_000 });
  });
});
