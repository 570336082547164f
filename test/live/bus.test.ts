// The bus on a real server: who may say what, what hostile bytes do, and what a restart of the server leaves intact.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { readAddress } from "../../shared/live/bus/address.ts";
import { busLimits } from "../../shared/live/bus/bus.ts";
import { seal } from "../../shared/live/bus/codec.ts";
import { listen } from "../../shared/live/bus/incoming.ts";
import { cpusOf, hostOf, hostsOf, type Layout } from "../../shared/live/bus/layout.ts";
import type { Incoming } from "../../shared/live/bus/reading.ts";
import { subjectsOf } from "../../shared/live/bus/subjects.ts";
import { oneCpu } from "../../shared/machine/cpuSet.ts";
import { encodeAnswers } from "../../shared/protocol/wire/answers.ts";
import { encodeAsks } from "../../shared/protocol/wire/asks.ts";
import { wireLimits } from "../../shared/protocol/wire/frame.ts";
import { encodeTold } from "../../shared/protocol/wire/told.ts";
import { type Connection, connect, connectTo, coordinator, driver, flush, host, recorder, run, server, until } from "./onServer.ts";

const layout: Layout = { cpus: 8, hosts: 4 };
const subjects = subjectsOf(run);
const utf8 = new TextEncoder();

const hears = (connection: Connection, who: Parameters<typeof listen>[2]): Incoming[] => {
  const heard: Incoming[] = [];
  listen(connection.bus, run, who, layout, (incoming) => {
    heard.push(incoming);
    return undefined;
  });
  return heard;
};

const hello = (cpu: number) => seal(encodeAnswers(1, [{ kind: "hello", cpu, incarnation: 1 }]));
const prepare = seal(encodeAsks(7, [{ to: [0, 7], msg: { kind: "stop", term: 1, epoch: 1, round: 1, ask: { do: "prepare" } } }]));

describe("layout", () => {
  it("gives every CPU to one host, whatever the numbers", () => {
    for (const [cpus, hosts] of [
      [8, 8],
      [7, 3],
      [4096, 5],
      [1, 1],
      [1_048_576, 4096],
    ] as const) {
      let next = 0;
      for (let number = 0; number < hosts; number++) {
        const [first, last] = cpusOf({ cpus, hosts }, number) as [number, number];
        assert.strictEqual(first, next);
        assert.isAtLeast(last, first);
        for (const cpu of [first, last]) assert.strictEqual(hostOf({ cpus, hosts }, cpu), number);
        next = last + 1;
      }
      assert.strictEqual(next, cpus);
    }
    assert.deepStrictEqual(cpusOf(layout, 4), []);
    assert.deepStrictEqual(hostsOf(layout, [0, 0, 1, 3, 7, 7]), [0, 1, 3]);
  });
});

describe("address", () => {
  it("reads what people write, and shows no secret", () => {
    assert.deepInclude(readAddress("nats://me:s%40cret@host:1"), {
      servers: ["host:1"],
      user: "me",
      password: "s@cret",
      shown: "nats://host:1",
    });
    assert.deepInclude(readAddress("a,tls://b:2"), { servers: ["a:4222", "b:2"], user: undefined, token: undefined });
    assert.deepInclude(readAddress("nats://token@[::1]"), { servers: ["[::1]:4222"], token: "token" });
    for (const none of ["", "http://host", "nats://", "a b"]) assert.isUndefined(readAddress(none), none);
  });
});

describe("bus", () => {
  it.live("carries every kind of message to whom it is for", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const speakers = [recorder, coordinator, host(0), host(1)];
      const connections = yield* Effect.all(speakers.map((who) => connect(nats, who)));
      const [atRecorder, atCoordinator, atHost0, atHost1] = connections.map((connection, i) =>
        hears(connection, speakers[i] as typeof coordinator),
      );
      const [, forCoordinator, forHost0] = connections.map(({ bus }) => bus);
      yield* flush(...connections);
      forCoordinator?.publish(subjects.asks(0), prepare);
      forCoordinator?.publish(subjects.asksTo(0, 1), prepare);
      forHost0?.publish(subjects.answers(0), hello(1));
      forHost0?.publish(
        subjects.told(0, 1),
        seal(encodeTold(3, [{ from: 0, to: oneCpu(2), said: 1, msg: { kind: "call", id: 1, incarnation: 1 } }])),
      );
      yield* until(
        "all has arrived",
        () => atHost1?.length === 3 && atCoordinator?.length === 1 && atHost0?.length === 1 && atRecorder?.length === 4,
      );
      // Who speaks first of two is nobody's to say.
      assert.sameMembers(atHost1?.map(({ kind }) => kind) ?? [], ["asks", "asks", "told"]);
      assert.deepStrictEqual(
        atCoordinator?.map(({ kind, from, clock }) => [kind, from, clock]),
        [["answers", 0, 1]],
      );
      for (const { events } of connections) assert.deepStrictEqual(events, []);
    }),
  );

  it.live("lets nobody publish as another, nor listen in", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const judge = yield* connect(nats, coordinator);
      const heard = hears(judge, coordinator);
      const liar = yield* connect(nats, host(0));
      yield* flush(judge, liar);
      liar.bus.publish(subjects.answers(1), hello(2));
      liar.bus.publish(subjects.asks(0), prepare);
      liar.bus.subscribe(subjects.answers("*"), () => undefined);
      liar.bus.publish(subjects.answers(0), hello(0));
      yield* until("the server has refused", () => liar.bus.counts.denied === 3 && heard.length === 1);
      assert.deepStrictEqual(liar.events, [
        { kind: "denied", operation: "publish", subject: subjects.answers(1) },
        { kind: "denied", operation: "publish", subject: subjects.asks(0) },
        { kind: "denied", operation: "subscription", subject: subjects.answers("*") },
      ]);
      assert.deepInclude(heard[0], { kind: "answers", from: 0 });
    }),
  );

  it.live("lets the recorder listen and say nothing", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const { bus, events } = yield* connect(nats, recorder);
      bus.publish(subjects.answers(0), hello(0));
      yield* until("the server has refused", () => bus.counts.denied === 1);
      assert.deepStrictEqual(events, [{ kind: "denied", operation: "publish", subject: subjects.answers(0) }]);
    }),
  );

  it.live("lets nobody in with another's name", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const failure = yield* Effect.flip(connectTo(nats.address.replace("//", "//host-0:guess@"), host(0)));
      assert.match((failure as Error).message, /Authorization Violation/);
      assert.notInclude((failure as Error).message, "guess");
    }),
  );

  it.live("counts what is refused and goes on", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const judge = yield* connect(nats, coordinator);
      const heard = hears(judge, coordinator);
      const stranger = yield* connect(nats, host(0));
      yield* flush(judge, stranger);
      const damaged = Uint8Array.from(hello(0), (byte, i) => (i === 6 ? byte ^ 1 : byte));
      const hostile = [new Uint8Array(), utf8.encode("hello"), damaged, hello(0).subarray(0, 9), prepare, hello(2)];
      for (const bytes of hostile) stranger.bus.publish(subjects.answers(0), bytes);
      stranger.bus.publish(subjects.answers(0), hello(1));
      yield* until("the sound one has arrived", () => heard.length === 1);
      assert.strictEqual(judge.bus.counts.refused, hostile.length);
      assert.deepStrictEqual(
        judge.events.map((event) => event.kind === "refused" && event.why),
        ["too short", "damaged", "damaged", "damaged", "another kind of frame", "speaks for CPUs that are not its own"],
      );
    }),
  );

  it.live("tells of a handler that throws, and still hears what follows", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const { bus, events } = yield* connect(nats, coordinator);
      const speaker = yield* connect(nats, host(0));
      const heard: number[] = [];
      bus.subscribe(subjects.answers("*"), (_, bytes) => {
        heard.push(bytes.length);
        if (heard.length === 1) throw new Error("a defect");
        return undefined;
      });
      yield* Effect.promise(() => bus.flush());
      for (const length of [1, 2]) speaker.bus.publish(subjects.answers(0), new Uint8Array(length));
      yield* until("both have arrived", () => heard.length === 2);
      assert.deepStrictEqual(
        events.map(({ kind }) => kind),
        ["defect"],
      );
    }),
  );

  it.live("drops what is too large or too much, and counts it", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const { bus, events } = yield* connect(nats, host(0));
      bus.publish(subjects.answers(0), new Uint8Array(wireLimits.frameBytes + 1));
      assert.strictEqual(bus.counts.dropped, 1);
      const large = new Uint8Array(wireLimits.frameBytes);
      const fits = Math.floor(busLimits.unconfirmedBytes / wireLimits.frameBytes);
      for (let i = 0; i < fits + 5; i++) bus.publish(subjects.answers(0), large);
      assert.deepInclude(bus.counts, { published: fits, dropped: 6 });
      yield* Effect.promise(() => bus.flush());
      bus.publish(subjects.answers(0), large);
      assert.strictEqual(bus.counts.published, fits + 1);
      assert.deepStrictEqual(events, []);
    }),
  );

  it.live("keeps no more than the limit for a server that stands still, drops and counts the rest, and goes on when it does", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const { bus, events } = yield* connect(nats, host(0));
      const frame = new Uint8Array(wireLimits.frameBytes);
      const offered = 2 * Math.ceil(busLimits.unconfirmedBytes / frame.length);
      process.kill(nats.pid(), "SIGSTOP");
      yield* Effect.promise(async () => {
        for (let i = 0; i < offered; i++) {
          bus.publish(subjects.answers(0), frame);
          // The connection gets to write what it can, and to hear that nothing is confirmed.
          await new Promise(setImmediate);
        }
      }).pipe(Effect.ensuring(Effect.sync(() => process.kill(nats.pid(), "SIGCONT"))));
      const { published, publishedBytes, dropped } = bus.counts;
      assert.isAtMost(publishedBytes, busLimits.unconfirmedBytes);
      assert.isAbove(dropped, 0);
      assert.strictEqual(published + dropped, offered);
      yield* Effect.promise(() => bus.flush());
      bus.publish(subjects.answers(0), hello(0));
      assert.deepStrictEqual([bus.counts.published, bus.counts.dropped], [published + 1, dropped]);
      assert.deepStrictEqual(events, []);
    }),
  );

  it.live("goes on after a restart of the server", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const listener = yield* connect(nats, coordinator);
      const speaker = yield* connect(nats, host(0));
      const heard = hears(listener, coordinator);
      yield* flush(listener, speaker);
      speaker.bus.publish(subjects.answers(0), hello(0));
      yield* until("the first has arrived", () => heard.length === 1);
      yield* nats.restart;
      yield* until("both are back", () => [listener, speaker].every(({ bus }) => bus.counts.reconnects === 1));
      yield* flush(listener, speaker);
      speaker.bus.publish(subjects.answers(0), hello(1));
      yield* until("the second has arrived", () => heard.length === 2);
      for (const { events } of [listener, speaker])
        assert.deepStrictEqual(
          events.map(({ kind }) => kind),
          ["disconnected", "reconnected"],
        );
    }),
  );

  it.live("drops what is said while there is no server, and ends in time", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const { bus, events } = yield* connect(nats, host(0));
      process.kill(nats.pid(), "SIGKILL");
      yield* until("the end is seen", () => events.length > 0);
      bus.publish(subjects.answers(0), hello(0));
      assert.deepInclude(bus.counts, { published: 0, dropped: 1 });
      const start = performance.now();
      yield* Effect.promise(() => bus.close());
      assert.isBelow(performance.now() - start, busLimits.drainMs);
    }),
  );

  it.live("says what to do where there is no server", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(connectTo("nats://me:secret@127.0.0.1:1", driver));
      assert.deepInclude(failure, { _tag: "NatsUnreachable" });
      assert.match((failure as Error).message, /nats:\/\/127\.0\.0\.1:1 .*--nats/);
      assert.notInclude((failure as Error).message, "secret");
      assert.deepInclude(yield* Effect.flip(connectTo("http://x", driver)), { _tag: "NatsUnreachable" });
    }),
  );
});
