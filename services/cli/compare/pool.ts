// Virtual runs in threads that each take one after the other: starting a thread costs more than a small run.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Ran } from "../engines/engine.ts";
import { heapMegabytes, virtualOrder } from "../engines/virtual.ts";
import type { VirtualOrder } from "../engines/virtualRun.ts";
import type { Planned } from "./plan.ts";

const worker = new URL("./poolWorker.ts", import.meta.url);

export interface PoolOrder {
  readonly index: number;
  readonly order: Omit<VirtualOrder, "stop">;
}

export interface PoolAnswer {
  readonly index: number;
  readonly ran: Ran;
}

/** Two machines of more CPUs than this do not fit into the memory side by side. */
const mostCpusSideBySide = 100_000;

const threadsFor = (planned: readonly Planned[]): number => {
  const large = planned.some(({ configuration }) => configuration.setup.cpus > mostCpusSideBySide);
  return large ? 1 : Math.min(availableParallelism(), planned.length);
};

/** `journalOf` says where the journal of a run goes, if it has one. */
export interface PoolOptions {
  readonly planned: readonly Planned[];
  readonly journalOf: (run: Planned) => string;
  readonly onRan: (index: number, ran: Ran) => void;
  /** Which run a thread failed in; the failure itself is thrown. */
  readonly onFailure: (run: Planned) => void;
  readonly signal: AbortSignal;
}

/** Resolves when every run has ended, or after an interrupt those that were under way. */
export const runInThreads = async ({ planned, journalOf, onRan, onFailure, signal }: PoolOptions): Promise<void> => {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const interrupt = (): void => {
    Atomics.store(stop, 0, 1);
  };
  if (signal.aborted) interrupt();
  signal.addEventListener("abort", interrupt);
  const threads = threadsFor(planned);
  const resourceLimits = { maxOldGenerationSizeMb: Math.floor(heapMegabytes / threads) };
  const pool = Array.from({ length: threads }, () => new Worker(worker, { workerData: { stop }, resourceLimits }));
  const waiting = planned.entries();
  try {
    await Promise.all(
      pool.map((thread) => {
        let current: Planned | undefined;
        const next = (): PoolOrder | null => {
          const { value, done } = waiting.next();
          if (done === true || signal.aborted) return null;
          const [index, run] = value;
          current = run;
          return { index, order: virtualOrder(run.configuration, journalOf(run)) };
        };
        thread.once("error", () => {
          if (current !== undefined) onFailure(current);
        });
        return work(thread, next, ({ index, ran }) => onRan(index, ran));
      }),
    );
  } finally {
    signal.removeEventListener("abort", interrupt);
    await Promise.all(pool.map((thread) => thread.terminate()));
  }
};

/** Hands a thread one order after the other until there are no more. */
const work = (thread: Worker, next: () => PoolOrder | null, onAnswer: (answer: PoolAnswer) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const hand = (): void => {
      const order = next();
      if (order === null) resolve();
      else thread.postMessage(order);
    };
    thread.on("message", (answer: PoolAnswer) => {
      onAnswer(answer);
      hand();
    });
    thread.once("error", reject);
    // After the last answer this changes nothing any more.
    thread.once("exit", (code) => reject(new Error(`a thread of the comparison ended with ${code} and without an answer`)));
    hand();
  });
