// Somebody who reads too slowly: what waits for it is limited, it is cut off and counted, and nobody else suffers from it.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { subjectsOf } from "../../shared/live/bus/subjects.ts";
import { serverLimits } from "../../shared/live/server/config.ts";
import { connect, coordinator, host, run, server } from "./onServer.ts";

const reader = fileURLToPath(new URL("slowReader.ts", import.meta.url));

/** A process that hears what is told to host 1. */
const slowReader = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = spawn(process.execPath, [reader, url], { stdio: ["pipe", "pipe", "inherit"] });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const next = async () => JSON.parse((await lines.next()).value as string) as { last: number; received: number; reconnects: number };
      await next();
      const ask = (): ReturnType<typeof next> => {
        child.stdin.write("?");
        return next();
      };
      return { child, ask };
    }),
    ({ child }) =>
      Effect.sync(() => {
        child.kill("SIGKILL");
      }),
  );

const frame = new Uint8Array(1 << 19);
const framesAtOnce = 16;
const atATimeBytes = framesAtOnce * frame.length;

describe("a reader that stands still", () => {
  it.live("is cut off when too much waits for it or for too long, comes back, and costs others nothing", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const speaker = yield* connect(nats, host(0));
      const bystander = yield* connect(nats, coordinator);
      const slow = yield* slowReader(nats.urlFor(host(1)));
      const { told } = subjectsOf(run);
      slow.child.kill("SIGSTOP");
      let sent = 0;
      // What the system keeps in its own buffers comes on top of the server's limit.
      for (let count = 0; count === 0 && sent < 8 * serverLimits.pendingBytes; sent += atATimeBytes) {
        for (let i = 0; i < framesAtOnce; i++) speaker.bus.publish(told(0, 1), frame);
        yield* Effect.promise(() => speaker.bus.flush());
        count = (yield* nats.denials).slow;
      }
      assert.strictEqual((yield* nats.denials).slow, 1, `of ${sent} bytes`);
      slow.child.kill("SIGCONT");
      let seen = yield* Effect.promise(slow.ask);
      for (let tries = 0; seen.last !== 3 && tries < 1_000; tries++) {
        speaker.bus.publish(told(0, 1), new Uint8Array(3));
        yield* Effect.promise(() => speaker.bus.flush());
        seen = yield* Effect.promise(slow.ask);
      }
      assert.strictEqual(seen.last, 3, "it hears again");
      assert.strictEqual(seen.reconnects, 1);
      for (const { bus, events } of [speaker, bystander]) {
        assert.deepStrictEqual(events, []);
        assert.deepInclude(bus.counts, { dropped: 0, reconnects: 0 });
      }
    }),
  );
});
