// One run over nine containers: three NATS servers, a coordinator and five hosts of CPUs. The server that leads the register is killed on
// the way, and then one of the four hosts that have a range, whose place the fifth takes.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { assert, describe, it } from "@effect/vitest";
import * as Effect from "effect/Effect";
import { GenericContainer, getContainerRuntimeClient, Network, type StartedTestContainer, Wait } from "testcontainers";
import { natsImage } from "../../infra/bootstrap/natsServer.ts";
import { noContainers } from "./natsContainer.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string };
const ownImage = `quiesce:${version}`;

/** Nothing is pulled for a test. */
const noImages = async (): Promise<string | undefined> => {
  const none = await noContainers();
  if (none !== undefined) return none;
  const { container } = await getContainerRuntimeClient();
  for (const name of [natsImage, ownImage]) {
    const there = await container.dockerode
      .getImage(name)
      .inspect()
      .then(
        () => true,
        () => false,
      );
    if (!there) return `there is no image ${name}: infra/offline-images/build.sh builds it`;
  }
  return undefined;
};

const missing = await noImages();
if (missing !== undefined) process.stderr.write(`runs over containers are not tested: ${missing}\n`);

const servers = ["nats-1", "nats-2", "nats-3"] as const;
const urls = (port: number): string => servers.map((name) => `nats://${name}:${port}`).join(",");
const run = "killed";

const network = Effect.acquireRelease(
  Effect.promise(() => new Network().start()),
  (started) => Effect.promise(async () => void (await started.stop())),
);

const started = (container: GenericContainer) =>
  Effect.acquireRelease(
    Effect.promise(() => container.start()),
    // One that was killed is there still.
    (running) => Effect.promise(async () => void (await running.stop({ timeout: 0 }))),
  );

const stateOf = async (container: StartedTestContainer) => {
  const { container: client } = await getContainerRuntimeClient();
  return (await client.dockerode.getContainer(container.getId()).inspect()).State;
};

/** What it has said by now: testcontainers' own way waits for the end of what it will say. */
const saidBy = async (container: StartedTestContainer): Promise<string> => {
  const { container: client } = await getContainerRuntimeClient();
  return String(await client.dockerode.getContainer(container.getId()).logs({ stdout: true, stderr: true, follow: false }));
};

const kill = async (container: StartedTestContainer): Promise<void> => {
  const { container: client } = await getContainerRuntimeClient();
  await client.dockerode.getContainer(container.getId()).kill();
};

/** Asks again until it holds. The test's own limit ends it. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(100);
};

interface Streams {
  readonly account_details?: ReadonlyArray<{
    readonly stream_detail?: ReadonlyArray<{
      readonly name: string;
      readonly cluster?: { readonly leader?: string };
      readonly state: { readonly last_seq: number };
    }>;
  }>;
}

/** The server that leads the register, and how often that was written, as any server tells; nobody and never if it does not know. */
const registerOn = async (server: StartedTestContainer) => {
  const answer = await fetch(`http://${server.getHost()}:${server.getMappedPort(8222)}/jsz?accounts=true&streams=true`);
  const { account_details = [] } = (await answer.json()) as Streams;
  const streams = account_details.flatMap(({ stream_detail = [] }) => stream_detail);
  const register = streams.find(({ name }) => name === `KV_quiesce-${run}`);
  return { leader: register?.cluster?.leader ?? "", writes: register?.state.last_seq ?? 0 };
};

const server = (name: string, on: Effect.Success<typeof network>) =>
  new GenericContainer(natsImage)
    .withNetwork(on)
    .withNetworkAliases(name)
    .withExposedPorts(8222)
    .withWaitStrategy(Wait.forLogMessage("Server is ready"))
    .withCommand([
      ...["--jetstream", "--store_dir", "/data", "--http_port", "8222", "--server_name", name],
      ...["--cluster_name", "quiesce", "--cluster", "nats://0.0.0.0:6222", "--routes", urls(6222)],
    ]);

const ours = (on: Effect.Success<typeof network>, ...args: readonly string[]) =>
  new GenericContainer(ownImage)
    .withNetwork(on)
    .withEnvironment({ QUIESCE_NATS: urls(4222) })
    .withWaitStrategy(Wait.forOneShotStartup())
    .withCommand([...args]);

describe.skipIf(missing !== undefined)(`a run over containers${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it.live(
    "makes a hundred valid patches while the leading server and a host are killed, and another host takes its place",
    () =>
      Effect.gen(function* () {
        const on = yield* network;
        const cluster = yield* Effect.forEach(servers, (name) => started(server(name, on)), { concurrency: servers.length });
        const joins = ours(on, "cpu", "--join", "--run", run).withWaitStrategy(Wait.forLogMessage(/waits for run|has range/));
        // The fifth stands by, and takes the place of the one that dies.
        const hosts = yield* Effect.forEach([1, 2, 3, 4, 5], () => started(joins), { concurrency: 5 });
        const flags = ["--cpus", "8", "--hosts", "4", "--patches", "100", "--patch-every", "100ms", "--lease", "20s", "--seed", "7"];
        const coordinator = yield* started(
          ours(on, "coordinator", "--run", run, "--out", "/tmp/runs", ...flags).withWaitStrategy(Wait.forLogMessage("quiesce run")),
        );
        yield* Effect.promise(async () => {
          const writtenOn = async (one: StartedTestContainer, times: number) => {
            await until(async () => (await registerOn(one)).writes >= times);
            return registerOn(one);
          };
          const { leader, writes } = await writtenOn(cluster[0] as StartedTestContainer, 10);
          const lost = (servers as readonly string[]).indexOf(leader);
          assert.isAtLeast(lost, 0, leader);
          await kill(cluster[lost] as StartedTestContainer);
          // What the host has written of its journal by then is with the servers that are left.
          await writtenOn(cluster.find((_, index) => index !== lost) as StartedTestContainer, writes + 40);
          // Four have a range, and which of them is the fifth is not known before.
          const logs = await Promise.all(hosts.map(saidBy));
          const victim = hosts[logs.findIndex((log) => log.includes("has range 1 of"))];
          assert.isDefined(victim, logs.join("\n"));
          await kill(victim as StartedTestContainer);
          await until(async () => !(await stateOf(coordinator)).Running);
          const said = await saidBy(coordinator);
          assert.strictEqual((await stateOf(coordinator)).ExitCode, 0, said);
          assert.match(said, /VERDICT valid/);
          assert.match(said, /COMMITTED\s+100 operations on 8 CPUs/);
          assert.match(said, /its CPUs are dead/);
        });
      }),
    240_000,
  );
});
