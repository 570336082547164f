// `quiesce cpu --join`: a host that takes part in a run, from wherever it is.
import { fileURLToPath } from "node:url";
import { hostLimit } from "../../shared/live/bus/subjects.ts";
import { runAgent } from "../../shared/live/membership/agent.ts";
import { connectStore } from "../../shared/live/membership/store.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { healthFile } from "./cluster/health.ts";
import { runNamed, urlNamed } from "./cluster/named.ts";
import { exitCodes } from "./exit.ts";
import { reading } from "./settings/reading.ts";
import { count } from "./settings/values.ts";

export interface CpuRequest {
  readonly join: boolean;
  readonly nats: string | undefined;
  readonly run: string | undefined;
  readonly index: string | undefined;
  readonly health: string | undefined;
}

const mainOf = (service: string): string => fileURLToPath(new URL(`../${service}/main.ts`, import.meta.url));

/** Gives the exit code. */
export const cpu = async (request: CpuRequest): Promise<number> => {
  if (!request.join) throw new BadInput("", "--join", "a host by itself has no run: say --join (`quiesce run` starts hosts of its own)");
  const url = urlNamed("host", request.nats);
  const run = runNamed("host", request.run);
  const index = reading("--index", request.index, count(0, hostLimit - 1));
  const onAlive = healthFile(request.health);
  const leaving = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => leaving.abort());
  // Whoever started it may hold a channel to it: when that closes, its owner is gone. The channel alone keeps no process alive.
  process.on("disconnect", () => leaving.abort());
  process.channel?.unref();
  const say = (text: string): void => void process.stderr.write(`quiesce cpu: ${text}\n`);
  const connection = await connectStore(url, index === undefined ? "member" : `host-${index}`);
  const children = { mains: { host: mainOf("cpu"), coordinator: mainOf("coordinator") }, env: process.env };
  try {
    await runAgent({ connection, url, run, index, children, onLine: say, onAlive, signal: leaving.signal });
  } catch (error) {
    // How many ranges there are is known only when the run is found.
    if (!(error instanceof RangeError && error.message.startsWith(`run ${run} has `))) throw error;
    throw new BadInput("", "--index", `${error.message}: 0 and up to one less`);
  } finally {
    await connection.close();
  }
  return exitCodes.holds;
};
