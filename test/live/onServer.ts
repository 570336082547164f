// A NATS server of its own for a test, with connections in any role, gone when the test is over.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import type { Scope } from "effect/Scope";
import { findNatsServer } from "../../infra/bootstrap/natsServer.ts";
import type { Bus, BusEvent } from "../../shared/live/bus/bus.ts";
import { scopedBucket, scopedBus } from "../../shared/live/bus/scoped.ts";
import { inboxOf, type Speaker, userOf } from "../../shared/live/bus/subjects.ts";
import { startGuarded } from "../../shared/live/server/guarded.ts";
import { portsOf } from "../../shared/live/server/ports.ts";
import { type NatsServer, natsServer } from "../../shared/live/server/server.ts";

export const run = "test";
export const driver: Speaker = { role: "driver", number: 0 };
export const coordinator: Speaker = { role: "coordinator", number: 0 };
export const recorder: Speaker = { role: "recorder", number: 0 };
export const viewer: Speaker = { role: "viewer", number: 0 };
export const host = (number: number): Speaker => ({ role: "host", number });

/** A directory that is removed with the scope. */
export const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "quiesce-test-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
);

export const executable = Effect.promise(async () => {
  const found = await findNatsServer(process.env, () => undefined);
  if (found.kind !== "binary") throw new Error("these tests need a nats-server executable");
  return found.path;
});

export const server = Effect.gen(function* () {
  return yield* natsServer({ executable: yield* executable, directory: yield* directory, run, hosts: 4 });
});

export interface Connection {
  readonly bus: Bus;
  readonly events: BusEvent[];
}

export const connectTo = (url: string, who: Speaker): Effect.Effect<Connection, unknown, Scope> =>
  Effect.gen(function* () {
    const events: BusEvent[] = [];
    const bus = yield* scopedBus({ url, name: userOf(who), inbox: inboxOf(who), onEvent: (event) => events.push(event) });
    return { bus, events };
  });

export const connect = (nats: NatsServer, who: Speaker) => connectTo(nats.urlFor(who), who);

/** A server with the register's bucket made. */
export const withBucket = Effect.gen(function* () {
  const nats = yield* server;
  const { bus } = yield* connect(nats, driver);
  yield* scopedBucket(bus, run);
  return nats;
});

export const flush = (...connections: readonly Connection[]) =>
  Effect.promise(() => Promise.all(connections.map(({ bus }) => bus.flush())));

/** What does not come within this has hung: a busy machine may take seconds for what is else done in milliseconds. */
const hungMs = 120_000;

/** Waits until something is so; fails the test if it never is. */
export const until = (what: string, holds: () => boolean, limitMs = hungMs) =>
  Effect.promise(async () => {
    const end = performance.now() + limitMs;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

/** The port that a server says it listens on, once it does. */
export const portIn = (folder: string, pid: number) =>
  Effect.gen(function* () {
    yield* until("the server listens", () => portsOf(folder, pid) !== undefined);
    return portsOf(folder, pid)?.port;
  });

/** A server as people start one: no users, JetStream or not, and limits as they come. */
export const plainServer = (...flags: readonly string[]) =>
  Effect.gen(function* () {
    const ports = yield* directory;
    const path = yield* executable;
    mkdirSync(join(ports, "store"));
    const server = yield* Effect.acquireRelease(
      Effect.promise(() =>
        startGuarded(path, ["-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", ports, ...flags, "-sd", join(ports, "store")]),
      ),
      (server) => Effect.promise(() => server.stop(1_000)),
    );
    return `nats://127.0.0.1:${yield* portIn(ports, server.pid)}`;
  });
