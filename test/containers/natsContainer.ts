// A NATS server in a container, of an image that is built from this machine's own nats-server: no registry is asked for anything.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as Effect from "effect/Effect";
import { GenericContainer, getContainerRuntimeClient, RandomPortGenerator, Wait } from "testcontainers";
import { directory, executable } from "../live/onServer.ts";

// The reaper, which removes what a killed test leaves, is an image of its own and would have to be pulled. Here the scope removes.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= "true";

const port = 4222;

/** A healthy engine answers at once; one that hangs must not hold up the tests. */
const probeLimitMs = 5_000;

/** Why there can be no container here; undefined if there can. */
export const noContainers = async (): Promise<string | undefined> => {
  if (process.platform !== "linux") return "the nats-server of this machine is no program for Linux";
  const engine = getContainerRuntimeClient().catch(() => undefined);
  const answered = await Promise.race([engine, sleep(probeLimitMs, undefined, { ref: false })]);
  return answered === undefined ? "no Docker engine answers" : undefined;
};

/** The shared libraries of a program and their loader, by the paths at which it looks for them; none if it is static. */
const librariesOf = (program: string): readonly string[] =>
  [...spawnSync("ldd", [program], { encoding: "utf8" }).stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);

const copy = (from: string, to: string): void => {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
};

/** An image is a large thing to leave behind. */
const remove = async (image: string): Promise<void> => {
  const { container } = await getContainerRuntimeClient();
  await container.dockerode.getImage(image).remove({ force: true });
};

const image = Effect.gen(function* () {
  const program = yield* executable;
  const context = yield* directory;
  copy(program, join(context, "root", "nats-server"));
  for (const library of librariesOf(program)) copy(library, join(context, "root", library));
  writeFileSync(join(context, "Dockerfile"), 'FROM scratch\nCOPY root /\nENTRYPOINT ["/nats-server"]\n');
  const name = `localhost/quiesce-nats-server:${basename(context)}`;
  return yield* Effect.acquireRelease(
    Effect.promise(() => GenericContainer.fromDockerfile(context).build(name, { deleteOnExit: false })),
    () => Effect.promise(() => remove(name)),
  );
});

/** Its port on this machine is chosen beforehand, because Docker would choose another one at a restart. */
export const natsContainer = Effect.gen(function* () {
  const chosen = yield* Effect.promise(() => new RandomPortGenerator().generatePort());
  const server = (yield* image)
    .withCommand(["--jetstream", "--store_dir", "/data"])
    .withExposedPorts({ container: port, host: chosen })
    .withWaitStrategy(Wait.forLogMessage("Server is ready"));
  const container = yield* Effect.acquireRelease(
    Effect.promise(() => server.start()),
    (started) => Effect.promise(() => started.stop()),
  );
  return { url: `nats://${container.getHost()}:${chosen}`, restart: () => container.restart() };
});
