// A cluster of three NATS servers for a test.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import { type Bus, openBus } from "../../shared/live/bus/bus.ts";
import { bucketOf, inboxOf } from "../../shared/live/bus/subjects.ts";
import { type Guarded, startGuarded } from "../../shared/live/server/guarded.ts";
import { directory, driver, executable } from "./onServer.ts";

const none = new Uint8Array();

export interface ClusterNode {
  readonly name: string;
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** The port on which the others find it. */
  readonly own: number;
  /** All of them. */
  readonly routes: readonly string[];
}

export const clusterConfig = ({ name, folder, host, port, own, routes }: ClusterNode): string =>
  [
    `server_name: ${name}`,
    `listen: "${host}:${port}"`,
    `jetstream: { store_dir: "${folder}/store" }`,
    `cluster: { name: lab, listen: "${host}:${own}", routes: [${routes.map((route) => `"nats://${route}"`).join(", ")}] }`,
  ].join("\n");

/** What JetStream answers, once it does so without an error. */
export const insist = async (bus: Bus, subject: string, body = none): Promise<Record<string, unknown>> => {
  for (const until = performance.now() + 30_000; ; ) {
    const reply = await bus.request(subject, body, 500);
    const answer = reply === undefined || reply.status !== 0 ? { error: "none" } : JSON.parse(new TextDecoder().decode(reply.bytes));
    if (answer.error === undefined) return answer;
    if (performance.now() > until) throw new Error(`no answer to ${subject}: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** The server that leads the copies of a run's register, of which there are as many as servers; and how often it was written. */
export const registerOf = async (bus: Bus, run: string) => {
  const { config, cluster, state } = (await insist(bus, `$JS.API.STREAM.INFO.${bucketOf(run).stream}`)) as {
    readonly config: { readonly num_replicas: number };
    readonly cluster: { readonly leader: string };
    readonly state: { readonly last_seq: number };
  };
  return { leader: cluster.leader, copies: config.num_replicas, writes: state.last_seq };
};

export const names = ["a", "b", "c"] as const;

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

/** Three servers that have found each other, with a connection to them. */
export const cluster = Effect.gen(function* () {
  const path = yield* executable;
  const home = yield* directory;
  const ports = yield* freePorts(6);
  const servers = new Map<string, Guarded>();
  for (const [i, name] of names.entries()) {
    const folder = join(home, name);
    mkdirSync(folder);
    const routes = ports.slice(3).map((port) => `127.0.0.1:${port}`);
    const node = { name, folder, host: "127.0.0.1", port: ports[i] as number, own: ports[3 + i] as number, routes };
    writeFileSync(join(folder, "nats.conf"), clusterConfig(node));
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
