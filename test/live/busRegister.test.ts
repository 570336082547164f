// The register on a real server: one of two writers wins, and no restart or lost answer makes it forget or change twice.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { openRegister, type Registered } from "../../shared/live/bus/register.ts";
import { scopedBucket } from "../../shared/live/bus/scoped.ts";
import { startGuarded } from "../../shared/live/server/guarded.ts";
import type { Register } from "../../shared/protocol/messages.ts";
import {
  type Connection,
  connect,
  connectTo,
  coordinator,
  directory,
  driver,
  executable,
  host,
  portIn,
  run,
  server,
  until,
  withBucket,
} from "./onServer.ts";

const record = (holder: number): Register => ({
  term: 1,
  holder,
  epoch: 0,
  state: "done",
  outcome: null,
  operation: "patch",
  patch: "CVE-0000-0000",
  step: 0,
  attempt: 0,
  version: 0,
  target: 1,
  participants: [0, 7],
  incarnations: [[3, 2]],
});

const open = ({ bus }: Connection, retries: string[] = [], signal = new AbortController().signal) => {
  const key = openRegister(bus, run, signal, (why) => retries.push(why));
  return (revision: number, value: Register | null) => Effect.tryPromise(() => key.propose(revision, value));
};

describe("register", () => {
  it.live("is empty at first, is written once, and shows what it is to whoever was late", () =>
    Effect.gen(function* () {
      const propose = open(yield* connect(yield* withBucket, coordinator));
      assert.deepStrictEqual(yield* propose(-1, null), { revision: 0, record: null });
      const first = yield* propose(0, record(0));
      assert.deepStrictEqual(first.record, record(0));
      assert.deepStrictEqual(yield* propose(0, record(1)), first);
      const second = yield* propose(first.revision, record(2));
      assert.isAbove(second.revision, first.revision);
      assert.deepStrictEqual(yield* propose(first.revision, record(3)), second);
      assert.deepStrictEqual(yield* propose(-1, null), second);
    }),
  );

  it.live("lets exactly one of many win, every time", () =>
    Effect.gen(function* () {
      const nats = yield* withBucket;
      const writers = yield* Effect.all(
        Array.from({ length: 4 }, () => Effect.map(connect(nats, coordinator), (connection) => open(connection))),
      );
      let revision = 0;
      for (let round = 0; round < 50; round++) {
        const seen: Registered[] = yield* Effect.all(
          writers.map((propose, i) => propose(revision, record(i))),
          { concurrency: "unbounded" },
        );
        const winners = seen.filter(({ record }, i) => record?.holder === i);
        assert.lengthOf(winners, 1);
        for (const one of seen) assert.deepStrictEqual(one, seen[0]);
        revision = (seen[0] as Registered).revision;
      }
    }),
  );

  for (const [how, end] of [
    ["an orderly restart", "SIGTERM"],
    ["a killed server", "SIGKILL"],
  ] as const) {
    it.live(`keeps its value through ${how}, and answers what was asked meanwhile`, () =>
      Effect.gen(function* () {
        const nats = yield* withBucket;
        const connection = yield* connect(nats, coordinator);
        const retries: string[] = [];
        const propose = open(connection, retries);
        const before = yield* propose(0, record(0));
        process.kill(nats.pid(), end);
        yield* until("the connection is gone", () => connection.events.length > 0);
        const asked = Effect.all([propose(-1, null), propose(before.revision, record(1))], { concurrency: "unbounded" });
        const [[, changed]] = yield* Effect.all([asked, nats.restart], { concurrency: "unbounded" });
        assert.deepStrictEqual(changed.record, record(1));
        assert.strictEqual(changed.revision, before.revision + 1);
        assert.isNotEmpty(retries);
      }),
    );
  }

  it.live("does a change once although its answer was lost", () =>
    Effect.gen(function* () {
      const connection = yield* connect(yield* withBucket, coordinator);
      let lose = 1;
      const bus: Connection["bus"] = {
        ...connection.bus,
        request: async (...asked) => {
          const reply = await connection.bus.request(...asked);
          return lose-- > 0 ? undefined : reply;
        },
      };
      const retries: string[] = [];
      const seen = yield* open({ ...connection, bus }, retries)(0, record(5));
      assert.deepStrictEqual(seen.record, record(5));
      assert.lengthOf(retries, 1);
      assert.deepStrictEqual(yield* open(connection)(-1, null), seen);
    }),
  );

  it.live("stops asking when it is told to", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const abort = new AbortController();
      const retries: string[] = [];
      const propose = open(yield* connect(nats, coordinator), retries, abort.signal);
      const asking = Effect.flip(propose(-1, null));
      const [failure] = yield* Effect.all(
        [
          asking,
          Effect.andThen(
            until("it has asked without a bucket", () => retries.length > 1),
            Effect.sync(() => abort.abort()),
          ),
        ],
        { concurrency: "unbounded" },
      );
      assert.strictEqual((failure.cause as Error).name, "AbortError");
    }),
  );

  it.live("says so where a given server has no JetStream", () =>
    Effect.gen(function* () {
      const path = yield* directory;
      const command = yield* executable;
      const plain = yield* Effect.acquireRelease(
        Effect.promise(() => startGuarded(command, ["-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", path])),
        (program) => Effect.promise(() => program.stop(1000)),
      );
      const { bus } = yield* connectTo(`nats://127.0.0.1:${yield* portIn(path, plain.pid)}`, driver);
      const failure = yield* Effect.flip(Effect.scoped(scopedBucket(bus, run)));
      assert.strictEqual(failure._tag, "RegisterFailed");
      assert.match(failure.message, /JetStream is not enabled/);
    }),
  );

  it.live("is not for hosts to write", () =>
    Effect.gen(function* () {
      const nats = yield* withBucket;
      const intruder = yield* connect(nats, host(0));
      const abort = new AbortController();
      void openRegister(intruder.bus, run, abort.signal, () => undefined)
        .propose(0, record(9))
        .catch(() => undefined);
      yield* until("the server has refused", () => intruder.bus.counts.denied >= 2);
      abort.abort();
      assert.deepStrictEqual(yield* open(yield* connect(nats, coordinator))(-1, null), { revision: 0, record: null });
    }),
  );
});
