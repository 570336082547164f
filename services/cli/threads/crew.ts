// Threads that each take one order after the other: starting a thread costs more than a small run.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { heapMegabytes } from "../engines/virtual.ts";

/** What every thread of a crew is given at its start. */
export interface CrewData<Data> {
  readonly data: Data;
  /** Not 0 from when on whatever is under way is to end. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

export interface CrewOptions<Order, Answer, Data> {
  readonly worker: URL;
  readonly data: Data;
  readonly threads: number;
  /** The next order; undefined if there are no more for now or ever. */
  readonly next: () => Order | undefined;
  readonly onAnswer: (order: Order, answer: Answer) => void;
  /** Which order a thread failed at; the failure itself is thrown. */
  readonly onFailure: (order: Order) => void;
  readonly signal: AbortSignal;
}

/** As many as there are processors for, and orders. */
export const threadsFor = (orders: number): number => Math.max(1, Math.min(availableParallelism(), orders));

/** Resolves when every order has been answered, or after an interrupt those that were under way. */
export const carryOutInThreads = async <Order, Answer, Data>(options: CrewOptions<Order, Answer, Data>): Promise<void> => {
  const { worker, data, threads, signal } = options;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const interrupt = (): void => {
    Atomics.store(stop, 0, 1);
  };
  if (signal.aborted) interrupt();
  signal.addEventListener("abort", interrupt);
  const resourceLimits = { maxOldGenerationSizeMb: Math.floor(heapMegabytes / threads) };
  const workerData: CrewData<Data> = { data, stop };
  const crew = Array.from({ length: threads }, () => new Worker(worker, { workerData, resourceLimits }));
  try {
    await Promise.all(crew.map((thread) => work(thread, options)));
  } finally {
    signal.removeEventListener("abort", interrupt);
    await Promise.all(crew.map((thread) => thread.terminate()));
  }
};

/** Hands a thread one order after the other until there are no more. */
const work = <Order, Answer, Data>(
  thread: Worker,
  { next, onAnswer, onFailure, signal }: CrewOptions<Order, Answer, Data>,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let current: Order | undefined;
    const hand = (): void => {
      current = signal.aborted ? undefined : next();
      if (current === undefined) resolve();
      else thread.postMessage(current);
    };
    const fail = (error: unknown): void => {
      if (current !== undefined) onFailure(current);
      reject(error);
    };
    thread.on("message", (answer: Answer) => {
      try {
        onAnswer(current as Order, answer);
        hand();
      } catch (error) {
        reject(error);
      }
    });
    thread.once("error", fail);
    // After the last answer this changes nothing any more.
    thread.once("exit", (code) => reject(new Error(`a thread ended with ${code} and without an answer`)));
    hand();
  });
