// The shape of the bytes: every message comes back as it was said, and whatever else may come is refused without a throw.
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { pack } from "msgpackr";
import { assert, describe, it } from "vitest";
import { seal, sealTurn, unseal } from "../../shared/live/bus/codec.ts";
import { type CpuSet, fromCpus, oneCpu, toArray } from "../../shared/machine/cpuSet.ts";
import {
  type Ask as Asked,
  type Call,
  type CallDone,
  type Register,
  type RoundMessage,
  roundMessage,
  type StopAsk,
  type ToCoordinator,
  type Welcome,
} from "../../shared/protocol/messages.ts";
import {
  type Answer,
  type Ask,
  type CpuCall,
  encodeAnswers,
  encodeAsks,
  encodeCalls,
  type Frame,
  type Refusal,
  readAnswers,
  readAsks,
  readCalls,
  readRegister,
  type Wire,
  wireLimits,
} from "../../shared/protocol/wire.ts";

const everyCpu: CpuSet = [0, wireLimits.cpus - 1];

const count = fc.oneof(fc.nat(), fc.maxSafeNat());
const life = count.map((n) => n || 1);
const cpu = fc.nat(wireLimits.cpus - 1);
const cpus = fc.array(cpu, { maxLength: 20 }).map(fromCpus);
const someCpus = fc.array(cpu, { minLength: 1, maxLength: 20 }).map(fromCpus);
const outcome = fc.constantFrom("committed" as const, "aborted" as const);
const name = fc.string({ maxLength: wireLimits.text });

const stopAsk: fc.Arbitrary<StopAsk> = fc.oneof(
  fc.record({ do: fc.constant("gather" as const), pass: fc.constantFrom("sleepers" as const, "all" as const) }),
  fc.record({ do: fc.constant("prepare" as const) }),
  fc.record({ do: fc.constant("disable-irq" as const), walker: cpu }),
  fc.record({ do: fc.constant("run" as const), active: cpu }),
  fc.record({ do: fc.constant("exit" as const), outcome, version: count }),
);
const batch = fc.nat(1_000);
const otherAsk: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({
    do: fc.constantFrom("start" as const, "check" as const, "signal" as const, "reverse" as const, "force" as const),
    target: count,
    from: count,
    caller: cpu,
    batch: fc.option(batch),
  }),
  fc.record({ do: fc.constantFrom("complete" as const, "cancel" as const), version: count }),
  fc.record({
    do: fc.constant("poke" as const),
    batch,
    step: fc.constantFrom(1 as const, 2 as const, 3 as const),
    target: count,
    from: count,
  }),
  fc.record({ do: fc.constant("sync" as const) }),
);
const stop: fc.Arbitrary<RoundMessage> = fc
  .record({ stamp: fc.record({ term: count, epoch: count, round: count }), ask: fc.oneof(stopAsk, otherAsk) })
  .map(({ stamp, ask }) => roundMessage(stamp, ask));
const welcome: fc.Arbitrary<Welcome> = fc.record({
  kind: fc.constant("welcome" as const),
  term: count,
  epoch: count,
  cpu,
  incarnation: life,
  version: count,
});
const asks: fc.Arbitrary<Ask[]> = fc.array(fc.record({ to: cpus, msg: fc.oneof(stop, welcome) }));

const report = fc.oneof(
  fc.record({ kind: fc.constantFrom("done" as const, "wrote" as const, "clear" as const) }),
  fc.record({
    kind: fc.constantFrom("busy" as const, "pending" as const),
    busy: fc.array(fc.record({ task: name, function: name, why: name }), { maxLength: 5 }),
  }),
);
const answer: fc.Arbitrary<ToCoordinator> = fc.oneof(
  fc.record({ kind: fc.constant("hello" as const), cpu, incarnation: life }),
  fc.record({ kind: fc.constant("withdraw" as const), term: count, epoch: count, cpu, incarnation: life }),
  fc.record({ kind: fc.constant("ack" as const), term: count, epoch: count, round: count, cpus: someCpus, incarnation: life, report }),
);
/** Runs of neighbours that say the same, as a host's turn has them, between all sorts of others. */
const turn: fc.Arbitrary<ToCoordinator[]> = fc
  .array(fc.tuple(answer, fc.integer({ min: 1, max: 5 })))
  .map((runs) => runs.flatMap(([msg, length]) => Array.from({ length }, (_, i) => shifted(msg, i))));

/** The same, said by the CPUs that come `by` later. */
const shifted = (msg: ToCoordinator, by: number): ToCoordinator => {
  const later = (cpu: number): number => (cpu + by) % wireLimits.cpus;
  return msg.kind === "ack" ? { ...msg, cpus: fromCpus(toArray(msg.cpus).map(later)) } : { ...msg, cpu: later(msg.cpu) };
};

/** What each CPU said, whoever said it for it. */
const alone = (messages: readonly ToCoordinator[]): ToCoordinator[] =>
  messages.flatMap((msg): ToCoordinator[] =>
    msg.kind === "ack" ? toArray(msg.cpus).map((cpu) => ({ ...msg, cpus: oneCpu(cpu) })) : [msg],
  );

const call: fc.Arbitrary<Call | CallDone> = fc.record({
  kind: fc.constantFrom("call" as const, "call-done" as const),
  id: count,
  incarnation: life,
});
const calls: fc.Arbitrary<CpuCall[]> = fc.array(fc.record({ from: cpu, to: cpus, msg: call }));

const frames: fc.Arbitrary<Wire> = fc.oneof(
  fc.tuple(count, asks).map(([clock, items]) => encodeAsks(clock, items)),
  fc.tuple(count, turn).map(([clock, items]) => encodeAnswers(clock, items)),
  fc.tuple(count, calls).map(([clock, items]) => encodeCalls(clock, items)),
);

const register: fc.Arbitrary<Register> = fc.record({
  term: count,
  holder: count,
  epoch: count,
  state: fc.constantFrom("open" as const, "commit" as const, "abort" as const, "done" as const),
  outcome: fc.option(outcome),
  operation: fc.constantFrom("patch" as const, "unpatch" as const),
  patch: name,
  step: count,
  attempt: count,
  version: count,
  target: count,
  participants: cpus,
  incarnations: fc.uniqueArray(cpu).chain((list) => fc.tuple(...list.sort((a, b) => a - b).map((n) => fc.tuple(fc.constant(n), life)))),
});

const readers: ReadonlyArray<(value: unknown) => Frame<unknown> | Refusal> = [
  readAsks,
  (value) => readAnswers(value, everyCpu),
  (value) => readCalls(value, everyCpu),
];

/** Through bytes and back. */
const sent = (frame: Wire): unknown => {
  const opened = unseal(seal(frame));
  if (typeof opened === "string") throw new Error(opened);
  return opened.value;
};

const said = (frame: Frame<Answer> | Refusal): ToCoordinator[] => {
  if (typeof frame === "string") throw new Error(frame);
  return frame.items.map(({ msg }) => msg);
};

const framed = (body: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(4 + body.length);
  bytes.set(body, 4);
  bytes.writeUInt32LE(crc32(body));
  return bytes;
};

const refused = (value: unknown): boolean => readers.every((read) => typeof read(value) === "string");

const check = <A>(arbitrary: fc.Arbitrary<A>, holds: (value: A) => void) => fc.assert(fc.property(arbitrary, holds));

describe("round trip", () => {
  it("asks", () =>
    check(fc.tuple(count, asks), ([clock, items]) => assert.deepStrictEqual(readAsks(sent(encodeAsks(clock, items))), { clock, items })));

  it("answers, in order, copies included", () =>
    check(fc.tuple(count, turn), ([clock, messages]) =>
      assert.deepStrictEqual(alone(said(readAnswers(sent(encodeAnswers(clock, messages)), everyCpu))), alone(messages)),
    ));

  it("how many answers were said, however many messages they become", () =>
    check(fc.tuple(count, turn), ([clock, messages]) => {
      const frame = readAnswers(sent(encodeAnswers(clock, messages)), everyCpu);
      const items = typeof frame === "string" ? [] : frame.items;
      assert.strictEqual(
        items.reduce((sum, item) => sum + item.said, 0),
        messages.length,
      );
    }));

  it("calls", () =>
    check(fc.tuple(count, calls), ([clock, items]) => {
      const ranges = items.flatMap(({ from, to, msg }) =>
        Array.from({ length: to.length / 2 }, (_, i) => ({ from, to: to.slice(2 * i, 2 * i + 2), msg })),
      );
      assert.deepStrictEqual(readCalls(sent(encodeCalls(clock, items)), everyCpu), { clock, items: ranges });
    }));

  it("the register", () => check(register, (record) => assert.deepStrictEqual(readRegister(JSON.parse(JSON.stringify(record))), record)));
});

describe("size", () => {
  const acks = (length: number): ToCoordinator[] =>
    Array.from({ length }, (_, n) => ({
      kind: "ack",
      term: 1,
      epoch: 2,
      round: 3,
      cpus: [n, n],
      incarnation: 1,
      report: { kind: "clear" },
    }));

  it("a thousand equal acks take as many bytes as one", () => {
    assert.isBelow(seal(encodeAnswers(9, acks(1000))).length, 30);
  });

  it("a turn that is too large becomes several frames, all of them acceptable", () => {
    const task = "t".repeat(wireLimits.text);
    const busy = Array.from({ length: wireLimits.busy }, () => ({ task, function: task, why: task }));
    const messages = acks(100).map((ack) => ({ ...ack, report: { kind: "busy" as const, busy } })) as ToCoordinator[];
    const frames = sealTurn(messages, (items) => encodeAnswers(1, items));
    assert.isAbove(frames.length, 1);
    const back = frames.flatMap((bytes) => {
      const opened = unseal(bytes);
      return typeof opened === "string" ? [] : said(readAnswers(opened.value, everyCpu));
    });
    assert.deepStrictEqual(alone(back), alone(messages));
  });

  it("cuts what a vote may not carry, so that it still counts", () => {
    const busy = Array.from({ length: 2 * wireLimits.busy }, () => ({ task: "x".repeat(5000), function: "f", why: "w" }));
    const [vote] = said(
      readAnswers(
        sent(
          encodeAnswers(1, [{ kind: "ack", term: 1, epoch: 1, round: 1, cpus: [0, 0], incarnation: 1, report: { kind: "busy", busy } }]),
        ),
        everyCpu,
      ),
    );
    assert.isTrue(vote?.kind === "ack" && vote.report.kind === "busy" && vote.report.busy.length === wireLimits.busy);
  });
});

describe("hostile", () => {
  it("bytes of chance", () => check(fc.uint8Array({ maxLength: 200 }), (bytes) => assert.isString(unseal(bytes))));

  it("a frame cut short", () =>
    check(fc.tuple(frames, fc.double({ min: 0, max: 0.999, noNaN: true })), ([frame, part]) => {
      const bytes = seal(frame);
      assert.isString(unseal(bytes.subarray(0, Math.floor(bytes.length * part))));
    }));

  it("a frame with one bit changed", () =>
    check(fc.tuple(frames, fc.nat()), ([frame, at]) => {
      const bytes = Uint8Array.from(seal(frame));
      const bit = at % (8 * bytes.length);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      assert.isString(unseal(bytes));
    }));

  it("bytes of chance under a right checksum never throw, and what they hold is no frame", () =>
    check(fc.uint8Array({ maxLength: 60 }), (body) => {
      const opened = unseal(framed(body));
      if (typeof opened !== "string") assert.isTrue(refused(opened.value));
    }));

  it("any value that msgpack can say", () =>
    check(fc.anything({ withDate: true, withMap: true, withSet: true, withTypedArray: true, withBigInt: true }), (value) => {
      let body: Uint8Array;
      try {
        body = pack(value);
      } catch {
        return; // Not a value that msgpack can say.
      }
      const opened = unseal(framed(body));
      if (typeof opened !== "string") assert.isTrue(refused(opened.value));
    }));

  it("any value handed to a reader", () =>
    check(fc.anything({ withNullPrototype: true, withSparseArray: true }), (value) => {
      assert.isTrue(refused(value));
      assert.isString(readRegister(value));
    }));

  it("a frame with one element replaced is refused, or says something else that is sound", () =>
    check(
      fc.tuple(frames, fc.nat(), fc.oneof(fc.anything(), fc.constantFrom(-1, 0.5, Number.NaN, -0, 2 ** 53, "length", "__proto__"))),
      ([frame, at, value]) => {
        const copy = structuredClone(frame) as unknown[];
        const lists = [copy, ...copy.filter(Array.isArray), ...copy.filter(Array.isArray).flat().filter(Array.isArray)] as unknown[][];
        const list = lists[at % lists.length] as unknown[];
        if (list.length > 0) list[(at >> 4) % list.length] = value;
        for (const read of readers) {
          const back = read(copy);
          if (typeof back !== "string")
            assert.isTrue(Number.isSafeInteger(back.clock) && back.items.every((item) => typeof item === "object"));
        }
      },
    ));

  it("a key where a number belongs", () => {
    assert.strictEqual(
      readAsks([
        4,
        0,
        [
          [0, 0],
          [0, 1, 1, 1, 0, "length"],
        ],
      ]),
      "not an ask",
    );
    assert.strictEqual(
      readAsks([
        4,
        0,
        [
          [0, 0],
          [0, 1, 1, 1, "length"],
        ],
      ]),
      "not an ask",
    );
  });

  it("what asks for too much", () => {
    const row = [0, wireLimits.cpus - 1];
    assert.strictEqual(
      readAsks([
        4,
        0,
        Array(3)
          .fill([row, [0, 1, 1, 1, 1]])
          .flat(),
      ]),
      "too many deliveries",
    );
    assert.strictEqual(readAnswers([5, 0, Array(3).fill([row, 1, 2, 1, 1, 1, 1]).flat(), []], everyCpu), "too many deliveries");
    assert.strictEqual(
      readCalls(
        [
          3,
          0,
          Array(3)
            .fill([0, ...row, 0, 1, 1])
            .flat(),
        ],
        everyCpu,
      ),
      "too many deliveries",
    );
    assert.strictEqual(readAsks([4, 0, Array(2 * wireLimits.items + 2).fill([])]), "not a list of asks");
    assert.strictEqual(unseal(new Uint8Array(wireLimits.frameBytes + 1)), "too large");
  });

  it("arrays within arrays to any depth, and arrays that promise more than they hold", () => {
    assert.strictEqual(unseal(framed(new Uint8Array(wireLimits.frameBytes - 4).fill(0x91))), "not msgpack");
    const promise = [0xdd, 0x01, 0xff, 0xff, 0xff];
    assert.strictEqual(unseal(framed(Uint8Array.from(Array(1000).fill(promise).flat()))), "not msgpack");
  });

  it("another's CPUs, in an answer or a call", () => {
    const [ack] = [{ kind: "hello", cpu: 8, incarnation: 1 }] as const;
    assert.isNotString(readAnswers(sent(encodeAnswers(1, [ack])), [8, 15]));
    assert.strictEqual(readAnswers(sent(encodeAnswers(1, [ack])), [0, 7]), "speaks for CPUs that are not its own");
    const shout: CpuCall = { from: 8, to: [0, 0], msg: { kind: "call", id: 1, incarnation: 1 } };
    assert.strictEqual(readCalls(sent(encodeCalls(1, [shout])), [0, 7]), "speaks for CPUs that are not its own");
  });
});
