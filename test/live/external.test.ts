// Runs on a server that somebody else has started, and on one that is not there.
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { busLimits } from "../../shared/live/bus/bus.ts";
import { bucketOf } from "../../shared/live/bus/subjects.ts";
import { assertSound, liveRun } from "./liveRun.ts";
import { connectTo, driver, plainServer } from "./onServer.ts";

describe("a server that was given", () => {
  it.live("is used, and nothing of the run stays on it", () =>
    Effect.gen(function* () {
      const url = yield* plainServer("-js");
      const live = yield* liveRun({ cpus: 4, url });
      assertSound(live);
      const { bus } = yield* connectTo(url, driver);
      const { stream } = bucketOf(live.run);
      const reply = yield* Effect.promise(() => bus.request(`$JS.API.STREAM.INFO.${stream}`, new Uint8Array(), 2_000));
      assert.match(new TextDecoder().decode(reply?.bytes), /stream not found/);
    }),
  );

  it.live("without JetStream is refused, with what to do", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(liveRun({ cpus: 2, url: yield* plainServer() }));
      assert.match(String(failure), /JetStream is not enabled/);
    }),
  );

  it.live("that is not there is said so in bounded time", () =>
    Effect.gen(function* () {
      const start = performance.now();
      const failure = yield* Effect.flip(liveRun({ cpus: 2, url: "nats://me:secret@127.0.0.1:1" }));
      assert.deepInclude(failure, { _tag: "NatsUnreachable" });
      assert.notInclude(String(failure), "secret");
      assert.isBelow(performance.now() - start, busLimits.reachMs + busLimits.handshakeMs + 1_000);
    }),
  );
});
