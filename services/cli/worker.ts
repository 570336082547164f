// `quiesce worker`: makes runs of sweeps for whoever feeds the queue of a NATS server.

import { isRunName } from "../../shared/live/bus/subjects.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import type { RunRecord } from "../../shared/scale/record.ts";
import { type Telemetry, telemetered } from "../telemetry/telemetry.ts";
import { runWorker } from "../worker/worker.ts";
import { heapMegabytes } from "./engines/virtual.ts";
import { exitCodes } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { reading } from "./settings/reading.ts";
import { count, duration, size } from "./settings/values.ts";

export interface WorkerRequest {
  readonly nats: string | undefined;
  readonly name: string | undefined;
  readonly maxRuns: string | undefined;
  readonly maxTime: string | undefined;
  readonly memory: string | undefined;
  readonly metricsPort: string | undefined;
}

const mostRuns = 1_000_000_000;

/** Six hours: whoever may fill the queue is not to hold a worker for ever. */
const usualRunNs = 6 * 3600e9;

const microseconds = (ns: number | null): number | null => (ns === null ? null : ns / 1000);

/** A cell is called `cpus=8 model=simple`. */
const countRecord = ({ count }: Telemetry, { cell, verdict, measures }: RunRecord): void =>
  count({
    model: /(?:^| )model=(\S+)/.exec(cell)?.[1] ?? "unknown",
    verdict,
    attempts: measures.attempts ?? 0,
    gatherUs: microseconds(measures.gather_ns),
    totalUs: microseconds(measures.completion_ns),
    ipis: { sent: measures.packets ?? 0, resent: measures.resent ?? 0 },
  });

/** Gives the exit code. That it was told to stop is how a worker usually ends. */
export const worker = async ({ nats, name, maxRuns, maxTime, memory, metricsPort }: WorkerRequest): Promise<number> => {
  const url = nats;
  if (url === undefined) throw new BadInput("", "--nats", "a worker needs the address of a NATS server: nats://HOST:4222");
  if (name !== undefined && !isRunName(name)) throw new BadInput("", "--name", `"${name}" is not a name (letters, digits, - and _)`);
  const most = reading("--max-runs", maxRuns, count(1, mostRuns)) ?? Infinity;
  const limitNs = reading("--max-time", maxTime, duration) ?? usualRunNs;
  const bytes = reading("--memory", memory, size);
  const onLine = (text: string): void => void process.stderr.write(`quiesce worker: ${text}\n`);
  const work = (telemetry: Telemetry, signal: AbortSignal): Promise<number> =>
    runWorker({
      url,
      name,
      maxRuns: most,
      runMs: limitNs / 1e6,
      heap: bytes === undefined ? heapMegabytes : Math.ceil(bytes / 2 ** 20),
      onLine,
      onRecord: (record) => countRecord(telemetry, record),
      signal,
    });
  await telemetered({ verb: "worker", metricsPort, onNotice: onLine }, (telemetry) => interruptible((signal) => work(telemetry, signal)));
  return exitCodes.holds;
};
