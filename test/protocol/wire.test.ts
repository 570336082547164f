// The shape of the bytes: every message comes back as it was said, and whatever else may come is refused without a throw.
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { pack } from "msgpackr";
import { assert, describe, it } from "vitest";
import { seal, sealTurn, unseal } from "../../shared/live/bus/codec.ts";
import type { CpuSet } from "../../shared/machine/cpuSet.ts";
import { type Ack, type RoundMessage, roundMessage, type ToCoordinator } from "../../shared/protocol/messages.ts";
import { type Answer, encodeAnswers, readAnswers } from "../../shared/protocol/wire/answers.ts";
import { encodeAsks, readAsks } from "../../shared/protocol/wire/asks.ts";
import { type Frame, type Refusal, type Wire, wireLimits } from "../../shared/protocol/wire/frame.ts";
import { readRegister } from "../../shared/protocol/wire/record.ts";
import { encodeTold, readTold, type Told } from "../../shared/protocol/wire/told.ts";
import { alone, asks, count, everyCpu, frames, register, told, turn } from "./wireArbitraries.ts";

const readers: ReadonlyArray<(value: unknown) => Frame<unknown> | Refusal> = [
  readAsks,
  (value) => readAnswers(value, everyCpu),
  (value) => readTold(value, everyCpu),
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
        // What a combiner carries, it says once for all of them.
        messages.flatMap((msg) => ("carrier" in msg && msg.carrier !== undefined ? [msg] : alone([msg]))).length,
      );
    }));

  it("what CPUs tell CPUs: calls, asks that are handed on, and what combiners are answered", () =>
    check(fc.tuple(count, told), ([clock, items]) => {
      const frame = readTold(sent(encodeTold(clock, items)), everyCpu);
      const back = typeof frame === "string" ? assert.fail(frame) : frame.items;
      const others = (all: readonly Told[]) => all.filter(({ msg }) => msg.kind !== "ack");
      const acks = (all: readonly Told[]) => all.flatMap(({ to, msg }) => (msg.kind === "ack" ? alone([msg]).map((one) => [to, one]) : []));
      assert.deepStrictEqual(others(back), others(items));
      assert.deepStrictEqual(acks(back), acks(items));
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
        6,
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
        6,
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
        6,
        0,
        Array(3)
          .fill([row, [0, 1, 1, 1, 1]])
          .flat(),
      ]),
      "too many deliveries",
    );
    assert.strictEqual(readAnswers([7, 0, Array(3).fill([row, 1, 0, 0, 2, 1, 1, 1, 1]).flat(), []], everyCpu), "too many deliveries");
    assert.strictEqual(
      readTold(
        [
          8,
          0,
          Array(3)
            .fill([0, ...row, 0, 1, 1])
            .flat(),
          [],
          [],
          [],
        ],
        everyCpu,
      ),
      "too many deliveries",
    );
    assert.strictEqual(readAsks([6, 0, Array(2 * wireLimits.items + 2).fill([])]), "not a list of asks");
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
    const shout: Told = { from: 8, to: [0, 0], said: 1, msg: { kind: "call", id: 1, incarnation: 1 } };
    assert.strictEqual(readTold(sent(encodeTold(1, [shout])), [0, 7]), "speaks for CPUs that are not its own");
  });

  const clear: Ack = { kind: "ack", term: 1, epoch: 1, round: 3, cpus: [4, 9], incarnation: 1, report: { kind: "clear" } };
  const toldBy = (item: Omit<Told, "said">, owned: CpuSet) => readTold(sent(encodeTold(1, [{ ...item, said: 1 }])), owned);

  it("what a combiner of another carries, and what lies below none of the speaker's own", () => {
    for (const [carried, owned, why] of [
      [clear, [0, 7], "speaks for CPUs that are not its own"],
      [{ ...clear, carrier: 8 }, [0, 7], "speaks for CPUs that are not its own"],
      [{ ...clear, carrier: 5 }, [0, 7], "speaks for CPUs that are not its own"],
      [{ ...clear, carrier: 4 }, [0, 7], undefined],
      [{ ...clear, carrier: 2 }, [0, 7], undefined],
    ] as const) {
      const read = readAnswers(sent(encodeAnswers(1, [carried])), owned);
      assert.strictEqual(typeof read === "string" ? read : undefined, why);
      const below = toldBy({ from: 4, to: [0, 0], msg: carried }, owned);
      assert.strictEqual(typeof below === "string" ? below : undefined, why);
    }
  });

  it("an answer for a combiner said to whoever coordinates, and the other way round", () => {
    const [, , rows, lists] = encodeAnswers(1, [clear]);
    assert.strictEqual(readTold([8, 1, [], [], rows, lists], everyCpu), "not for a combiner");
    const [, , , , directed] = encodeTold(1, [{ from: 4, to: [0, 0], said: 1, msg: clear }]);
    assert.strictEqual(readAnswers([7, 1, directed, []], everyCpu), "not for whoever coordinates");
    const [, , hello] = encodeAnswers(1, [{ kind: "hello", cpu: 4, incarnation: 1 }]);
    assert.strictEqual(readTold([8, 1, [], [], (hello as Wire).with(2, 1), []], everyCpu), "not for a combiner");
  });

  it("an ask of another's CPU, of those below it, or by a tree that is not its receiver's", () => {
    const ask = roundMessage({ term: 1, epoch: 1, round: 1 }, { do: "prepare" });
    const tree = (subtree: CpuSet, fanout = 2): RoundMessage => ({ ...ask, relay: { fanout, subtree } });
    assert.strictEqual(toldBy({ from: 8, to: [9, 9], msg: ask }, [0, 7]), "asks whom it may not ask");
    assert.strictEqual(toldBy({ from: 4, to: [3, 3], msg: ask }, [0, 7]), "asks whom it may not ask");
    assert.strictEqual(toldBy({ from: 4, to: [4, 5], msg: ask }, [0, 7]), "asks whom it may not ask");
    for (const [to, msg] of [
      [[5, 5], tree([6, 9])],
      [[5, 6], tree([5, 9])],
      [[5, 5], tree([5, 5])],
      [[5, 5], tree([5, 9], 0)],
      [[5, 5], tree([5, 9], 1)],
    ] as const) {
      assert.strictEqual(toldBy({ from: 4, to, msg }, [0, 7]), "not an ask");
      assert.strictEqual(readAsks(sent(encodeAsks(1, [{ to, msg }]))), "not an ask");
    }
  });
});
