// `quiesce worker`: makes runs of sweeps for whoever feeds the queue of a NATS server.

import { isRunName } from "../../shared/live/bus/subjects.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { runWorker } from "../worker/worker.ts";
import { heapMegabytes } from "./engines/virtual.ts";
import { exitCodes } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { reading } from "./settings/reading.ts";
import { count, size } from "./settings/values.ts";

export interface WorkerRequest {
  readonly nats: string | undefined;
  readonly name: string | undefined;
  readonly maxRuns: string | undefined;
  readonly memory: string | undefined;
}

const mostRuns = 1_000_000_000;

/** Gives the exit code. That it was told to stop is how a worker usually ends. */
export const worker = async ({ nats, name, maxRuns, memory }: WorkerRequest): Promise<number> => {
  const url = nats;
  if (url === undefined) throw new BadInput("", "--nats", "a worker needs the address of a NATS server: nats://HOST:4222");
  if (name !== undefined && !isRunName(name)) throw new BadInput("", "--name", `"${name}" is not a name (letters, digits, - and _)`);
  const most = reading("--max-runs", maxRuns, count(1, mostRuns)) ?? Infinity;
  const bytes = reading("--memory", memory, size);
  await interruptible((signal) =>
    runWorker({
      url,
      name,
      maxRuns: most,
      heap: bytes === undefined ? heapMegabytes : Math.ceil(bytes / 2 ** 20),
      onLine: (text) => process.stderr.write(`quiesce worker: ${text}\n`),
      signal,
    }),
  );
  return exitCodes.holds;
};
