// Runs a machine in virtual time, in a thread beside this one.
import { totalmem } from "node:os";
import { Worker } from "node:worker_threads";
import { type Header, journalSchema } from "../../../shared/journal/entry.ts";
import { printFault } from "../../../shared/nemesis/grammar.ts";
import { version } from "../../recorder/manifest.ts";
import type { Configuration } from "../settings/configuration.ts";
import type { EngineOptions, Ran } from "./engine.ts";
import type { VirtualAnswer, VirtualOrder } from "./virtualRun.ts";

const worker = new URL("./virtualWorker.ts", import.meta.url);

export const headerOf = ({ engine, setup, plan, timeLimitNs, eventLimit, journal }: Configuration): Header => ({
  schema: journalSchema,
  code: version,
  engine,
  mode: journal === "full" ? "full" : "facts",
  seed: setup.seed,
  timeLimitNs,
  eventLimit,
  plan: { seed: plan.seed, faults: plan.faults.map(printFault) },
  setup,
});

/** A million CPUs need more than the heap that a thread or process is given unasked. */
export const heapMegabytes = Math.floor((0.75 * totalmem()) / 2 ** 20);

const order = (workerData: Omit<VirtualOrder, "stop">, signal: AbortSignal): Promise<VirtualAnswer> =>
  new Promise((resolve, reject) => {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const thread = new Worker(worker, { workerData: { ...workerData, stop }, resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } });
    const interrupt = (): void => {
      Atomics.store(stop, 0, 1);
    };
    if (signal.aborted) interrupt();
    signal.addEventListener("abort", interrupt);
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", (code) => {
      signal.removeEventListener("abort", interrupt);
      // After its answer this changes nothing any more.
      reject(new Error(`the thread of the virtual run ended with ${code} and without an answer`));
    });
  });

/** What a thread is told of a run: its journal goes to `path`, if it has one. */
export const virtualOrder = (
  configuration: Configuration,
  path: string,
  progress: VirtualOrder["progress"] = null,
): Omit<VirtualOrder, "stop"> => ({
  header: headerOf(configuration),
  plan: configuration.plan,
  journal: configuration.journal === "off" ? null : { path, compare: false, all: configuration.journalAll },
  progress,
});

export const runVirtually = ({ configuration, journal, progress, signal }: EngineOptions): Promise<Ran> =>
  order(virtualOrder(configuration, journal, progress), signal);

/** Runs it once more, and gives the first line in which the journal is not that of `path`, or null. */
export const firstDifferenceFrom = async (
  path: string,
  header: Header,
  configuration: Pick<Configuration, "plan" | "journalAll">,
  signal: AbortSignal,
) => {
  const journal = { path, compare: true, all: configuration.journalAll };
  const { firstDifference } = await order({ header, plan: configuration.plan, journal, progress: null }, signal);
  return firstDifference;
};
