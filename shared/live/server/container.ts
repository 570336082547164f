// A NATS server in a container of Docker, for a machine that has Docker and no nats-server.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as Effect from "effect/Effect";
import type { Scope } from "effect/Scope";
import { NatsServerFailed } from "./server.ts";

const limits = {
  /** The first time, the image has to be fetched. */
  startMs: 180_000,
  askMs: 10_000,
} as const;

export interface ContainerOptions {
  /** The docker executable. */
  readonly docker: string;
  readonly image: string;
}

const run = promisify(execFile);

const ask = async (docker: string, args: readonly string[], timeout: number): Promise<string> => {
  try {
    return (await run(docker, args, { timeout })).stdout.trim();
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    throw new NatsServerFailed(`docker ${args[0]} failed: ${stderr?.trim() || message}`, { cause: error });
  }
};

const remove = (docker: string, id: string): Promise<unknown> => ask(docker, ["rm", "--force", id], limits.askMs);

/** On a free port of the loopback; Docker removes what has stopped. */
const start = async ({ docker, image }: ContainerOptions): Promise<{ readonly id: string; readonly url: string }> => {
  const id = await ask(docker, ["run", "--detach", "--rm", "--publish", "127.0.0.1::4222", image, "-js"], limits.startMs);
  try {
    return { id, url: `nats://${await ask(docker, ["port", id, "4222/tcp"], limits.askMs)}` };
  } catch (error) {
    await remove(docker, id).catch(() => undefined);
    throw error;
  }
};

/** The address of a server that runs for the life of a scope. A driver that is killed leaves the container behind. */
export const natsContainer = (options: ContainerOptions): Effect.Effect<string, NatsServerFailed, Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({ try: () => start(options), catch: (error) => error as NatsServerFailed }),
    // One that has ended is removed already.
    ({ id }) => Effect.promise(() => remove(options.docker, id).catch(() => undefined)),
  ).pipe(Effect.map(({ url }) => url));
