// Three servers in a cluster, each with a copy of the register: the one that leads the copies is killed in mid-stop, and nothing is lost.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { type Bus, openBus } from "../../shared/live/bus/bus.ts";
import { bucketOf, inboxOf } from "../../shared/live/bus/subjects.ts";
import { type Guarded, startGuarded } from "../../shared/live/server/guarded.ts";
import { assertSound, factsOf, liveRun } from "./liveRun.ts";
import { directory, driver, executable } from "./onServer.ts";

const names = ["a", "b", "c"] as const;
const none = new Uint8Array();

/** Ports that nobody listens on. */
const freePorts = (count: number) =>
  Effect.promise(async () => {
    const servers = await Promise.all(
      Array.from(
        { length: count },
        () =>
          new Promise<ReturnType<typeof createServer>>((resolve) => {
            const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
          }),
      ),
    );
    const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    return ports;
  });

const configOf = (name: string, folder: string, port: number, own: number, all: readonly number[]): string =>
  [
    `server_name: ${name}`,
    `listen: "127.0.0.1:${port}"`,
    `jetstream: { store_dir: "${folder}/store" }`,
    `cluster: { name: lab, listen: "127.0.0.1:${own}", routes: [${all.map((route) => `"nats://127.0.0.1:${route}"`).join(", ")}] }`,
  ].join("\n");

/** What JetStream answers, once it does so without an error. */
const insist = async (bus: Bus, subject: string, body = none): Promise<Record<string, unknown>> => {
  for (const until = performance.now() + 15_000; ; ) {
    const reply = await bus.request(subject, body, 500);
    const answer = reply === undefined || reply.status !== 0 ? { error: "none" } : JSON.parse(new TextDecoder().decode(reply.bytes));
    if (answer.error === undefined) return answer;
    if (performance.now() > until) throw new Error(`no answer to ${subject}: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Three servers that have found each other, with a connection to them. */
const cluster = Effect.gen(function* () {
  const path = yield* executable;
  const home = yield* directory;
  const ports = yield* freePorts(6);
  const servers = new Map<string, Guarded>();
  for (const [i, name] of names.entries()) {
    const folder = join(home, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "nats.conf"), configOf(name, folder, ports[i] as number, ports[3 + i] as number, ports.slice(3)));
    const server = yield* Effect.acquireRelease(
      Effect.promise(() => startGuarded(path, ["-c", join(folder, "nats.conf")], folder)),
      (started) => Effect.promise(() => started.stop(1_000)),
    );
    servers.set(name, server);
  }
  const url = ports
    .slice(0, 3)
    .map((port) => `nats://127.0.0.1:${port}`)
    .join(",");
  const bus = yield* Effect.acquireRelease(
    Effect.promise(() => openBus({ url, name: "watcher", inbox: inboxOf(driver), onEvent: () => undefined })),
    (open) => Effect.promise(() => open.close()),
  );
  // The first two that meet choose a leader, but only all three can keep three copies.
  const probe = new TextEncoder().encode(JSON.stringify({ name: "probe", subjects: ["probe"], storage: "memory", num_replicas: 3 }));
  yield* Effect.promise(() => insist(bus, "$JS.API.STREAM.CREATE.probe", probe));
  return { url, bus, servers };
});

describe("a cluster of three servers", () => {
  // The decision is then the first thing that the next leader has to take.
  const phase = "prepare";

  it.live("loses the one that leads the register before the decision, and the run goes on", () =>
    Effect.gen(function* () {
      const { url, bus, servers } = yield* cluster;
      const killed: Array<Promise<string>> = [];
      const killLeader = async (run: string): Promise<string> => {
        const info = (await insist(bus, `$JS.API.STREAM.INFO.${bucketOf(run).stream}`)) as {
          readonly config: { readonly num_replicas: number };
          readonly cluster: { readonly leader: string };
        };
        assert.strictEqual(info.config.num_replicas, 3);
        servers.get(info.cluster.leader)?.kill();
        return info.cluster.leader;
      };
      const live = yield* liveRun({
        cpus: 4,
        url,
        faults: [`pause cpu 2 at ${phase} for 600ms`],
        onFact: (fact, { run }) => {
          if (fact.fact === "asked" && fact.ask.do === phase && killed.length === 0) killed.push(killLeader(run));
        },
      });
      const [name] = yield* Effect.promise(() => Promise.all(killed));
      assert.include(names, name);
      assert.isTrue(servers.get(name as string)?.hasEnded());
      assertSound(live);
      assert.deepStrictEqual(
        factsOf(live, "decided").map(({ life, epoch, outcome }) => [life, epoch, outcome]),
        [[0, 1, "committed"]],
      );
    }),
  );
});
