// A server in a container, with a program in the place of Docker that notes what it is asked.
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { natsContainer } from "../../shared/live/server/container.ts";
import { directory } from "./onServer.ts";

/** What it was asked, and itself: `port` is what it does when asked for the port. */
const fakeDocker = (port: string) =>
  Effect.gen(function* () {
    const path = yield* directory;
    const docker = join(path, "docker");
    const asked = join(path, "asked");
    writeFileSync(docker, `#!/bin/sh\necho "$*" >> "${asked}"\ncase $1 in run) echo c0ffee;; port) ${port};; esac\n`);
    chmodSync(docker, 0o755);
    return { docker, asked: () => (existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n") : []) };
  });

const started = ["run --detach --rm --publish 127.0.0.1::4222 nats:1 -js", "port c0ffee 4222/tcp"];

describe("a server in a container", () => {
  it.live("listens on a port of the loopback, and is removed after the scope", () =>
    Effect.gen(function* () {
      const { docker, asked } = yield* fakeDocker("echo 127.0.0.1:32768");
      const url = yield* Effect.scoped(natsContainer({ docker, image: "nats:1" }));
      assert.strictEqual(url, "nats://127.0.0.1:32768");
      assert.deepStrictEqual(asked(), [...started, "rm --force c0ffee"]);
    }),
  );

  it.live("is removed also when its port cannot be had, and says what Docker said", () =>
    Effect.gen(function* () {
      const { docker, asked } = yield* fakeDocker('echo "no such port" >&2; exit 1');
      const failure = yield* Effect.flip(natsContainer({ docker, image: "nats:1" }));
      assert.deepInclude(failure, { _tag: "NatsServerFailed", message: "docker port failed: no such port" });
      assert.deepStrictEqual(asked(), [...started, "rm --force c0ffee"]);
    }),
  );
});
