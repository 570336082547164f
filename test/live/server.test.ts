// A run's own NATS server: how it is configured, that it starts and restarts, and that it ends with its owner.
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { configText } from "../../shared/live/server/config.ts";
import { rightsOf } from "../../shared/live/server/permissions.ts";
import { natsServer } from "../../shared/live/server/server.ts";
import { connect, coordinator, directory, driver, executable, host, run, server, until } from "./onServer.ts";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("configuration", () => {
  const text = configText({
    port: -1,
    webSocket: null,
    directory: '/tmp/a "b"\\c',
    users: [{ ...rightsOf(run, host(2)), password: "secret" }],
  });

  it("listens on the loopback only, and says every limit", () => {
    assert.include(text, 'listen: "127.0.0.1:-1"');
    for (const key of ["max_payload", "max_pending", "max_connections", "max_memory_store", "max_file_store"])
      assert.match(text, new RegExp(`${key}: \\d+`));
  });

  it("quotes what a path may hold", () => assert.include(text, 'log_file: "/tmp/a \\"b\\"\\\\c/nats.log"'));

  it("lets a host publish as itself only", () => {
    const { publish } = rightsOf(run, host(2));
    assert.isNotEmpty(publish);
    for (const subject of publish) assert.isTrue(subject.startsWith(`quiesce.${run}.host.2.`), subject);
  });

  it("lets nobody but coordinators write the register", () => {
    const writers = [driver, { role: "recorder", number: 0 } as const, coordinator, host(0)].filter((who) =>
      rightsOf(run, who).publish.some((subject) => subject.startsWith("$KV.")),
    );
    assert.deepStrictEqual(writers, [coordinator]);
  });
});

describe("life", () => {
  it.live("starts on a free port, keeps its secrets from others, and is gone after the scope", () =>
    Effect.gen(function* () {
      const path = yield* directory;
      const binary = yield* executable;
      const [pid, mode] = yield* Effect.scoped(
        Effect.gen(function* () {
          const nats = yield* natsServer({ executable: binary, directory: path, run, hosts: 1 });
          const { bus } = yield* connect(nats, driver);
          yield* Effect.promise(() => bus.flush());
          return [nats.pid(), statSync(join(path, "nats.conf")).mode & 0o777] as const;
        }),
      );
      assert.strictEqual(mode, 0o600);
      assert.isFalse(isAlive(pid));
    }),
  );

  it.live("restarts on the same port", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      const before = nats.pid();
      yield* nats.restart;
      assert.notStrictEqual(nats.pid(), before);
      assert.isFalse(isAlive(before));
      yield* connect(nats, driver);
    }),
  );

  it.live("tells of an end that nobody here asked for, each time", () =>
    Effect.gen(function* () {
      const nats = yield* server;
      for (let i = 0; i < 2; i++) {
        const watching = yield* Effect.forkChild(Effect.flip(nats.watch), { startImmediately: true });
        process.kill(nats.pid(), "SIGKILL");
        const { message } = yield* Fiber.join(watching);
        assert.match(message, /^the NATS server ended by itself: .+$/);
        yield* nats.restart;
      }
    }),
  );

  it.live("says why it did not start", () =>
    Effect.gen(function* () {
      const path = yield* directory;
      const missing = yield* Effect.flip(natsServer({ executable: "/nowhere/nats-server", directory: path, run, hosts: 1 }));
      assert.match(missing.message, /\/nowhere\/nats-server ended at its start/);
      const unnamed = yield* Effect.flip(natsServer({ executable: yield* executable, directory: path, run: "a.b", hosts: 1 }));
      assert.match(unnamed.message, /run a\.b/);
    }),
  );

  it.live("ends when its owner is killed, and takes its secrets and nothing else with it", () =>
    Effect.gen(function* () {
      const around = yield* directory;
      const path = join(around, "of the run");
      const owner = spawn(process.execPath, [new URL("serverOwner.ts", import.meta.url).pathname, yield* executable, path], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let printed = "";
      owner.stdout.on("data", (chunk) => {
        printed += String(chunk);
      });
      yield* until("the owner has started its server", () => printed.includes("\n"));
      const pid = Number(printed);
      assert.isTrue(isAlive(pid));
      owner.kill("SIGKILL");
      yield* until("the server has ended", () => !isAlive(pid));
      yield* until("its directory is gone", () => !existsSync(path));
      assert.isTrue(existsSync(around));
    }),
  );
});
