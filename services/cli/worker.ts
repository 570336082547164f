// `quiesce worker`: makes runs of sweeps for whoever feeds the queue of a NATS server.

import { isRunName } from "../../shared/live/bus/subjects.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { runWorker } from "../worker/worker.ts";
import { exitCodes } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { count, WrongValue } from "./settings/values.ts";

export interface WorkerRequest {
  readonly nats: string | undefined;
  readonly name: string | undefined;
  readonly maxRuns: string | undefined;
}

const mostRuns = 1_000_000_000;

const maxRunsOf = (text: string): number => {
  try {
    return count(1, mostRuns).read(text);
  } catch (error) {
    throw error instanceof WrongValue ? new BadInput("", "--max-runs", error.message) : error;
  }
};

/** Gives the exit code. That it was told to stop is how a worker usually ends. */
export const worker = async ({ nats, name, maxRuns }: WorkerRequest): Promise<number> => {
  const url = nats ?? process.env.QUIESCE_NATS ?? "";
  if (url === "") throw new BadInput("", "--nats", "a worker needs the address of a NATS server: nats://HOST:4222");
  if (name !== undefined && !isRunName(name)) throw new BadInput("", "--name", `"${name}" is not a name (letters, digits, - and _)`);
  await interruptible((signal) =>
    runWorker({
      url,
      name,
      maxRuns: maxRuns === undefined ? Infinity : maxRunsOf(maxRuns),
      onLine: (text) => process.stderr.write(`quiesce worker: ${text}\n`),
      signal,
    }),
  );
  return exitCodes.holds;
};
