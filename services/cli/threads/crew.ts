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
  /** Of each thread, in megabytes; an equal part of all there is if not given. */
  readonly heap?: number;
  /** The next order; undefined if there are no more for now or ever. Asked again after every answer. */
  readonly next: () => Order | undefined;
  readonly onAnswer: (order: Order, answer: Answer) => void;
  /** Which order a thread failed at; the failure itself is thrown. */
  readonly onFailure: (order: Order) => void;
  readonly signal: AbortSignal;
}

/** As many as there are processors for, and orders. */
export const threadsFor = (orders: number): number => Math.max(1, Math.min(availableParallelism(), orders));

/** One thread, which answers one order after the other. */
export class Hand<Order, Answer> {
  private readonly thread: Worker;
  private asked: PromiseWithResolvers<Answer> | undefined;
  private failure: Error | undefined;

  constructor(worker: URL, workerData: CrewData<unknown>, heap: number) {
    this.thread = new Worker(worker, { workerData, resourceLimits: { maxOldGenerationSizeMb: heap } });
    this.thread.on("message", (answer: Answer) => this.asked?.resolve(answer));
    this.thread.once("error", (error) => this.fail(error as Error));
    // After a failure this changes nothing any more.
    this.thread.once("exit", (code) => this.fail(new Error(`a thread ended with ${code} and without an answer`)));
  }

  /** Not before the last order has been answered. Rejects if the thread fails, now or before. */
  ask(order: Order): Promise<Answer> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.asked = Promise.withResolvers();
    this.thread.postMessage(order);
    return this.asked.promise;
  }

  end(): Promise<unknown> {
    return this.thread.terminate();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.asked?.reject(this.failure);
  }
}

/** Hands orders to whoever is idle, until nobody has one and there are no more. */
const work = <Order, Answer, Data>(
  crew: ReadonlyArray<Hand<Order, Answer>>,
  { next, onAnswer, onFailure, signal }: CrewOptions<Order, Answer, Data>,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const idle = [...crew];
    const ask = async (hand: Hand<Order, Answer>, order: Order): Promise<void> => {
      const answer = await hand.ask(order).catch((error) => {
        onFailure(order);
        throw error;
      });
      onAnswer(order, answer);
      idle.push(hand);
      handOut();
    };
    const handOut = (): void => {
      while (idle.length > 0 && !signal.aborted) {
        const order = next();
        if (order === undefined) break;
        ask(idle.pop() as Hand<Order, Answer>, order).catch(reject);
      }
      if (idle.length === crew.length) resolve();
    };
    handOut();
  });

/** Resolves when every order has been answered, or after an interrupt those that were under way. */
export const carryOutInThreads = async <Order, Answer, Data>(options: CrewOptions<Order, Answer, Data>): Promise<void> => {
  const { worker, data, threads, heap, signal } = options;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const interrupt = (): void => {
    Atomics.store(stop, 0, 1);
  };
  if (signal.aborted) interrupt();
  signal.addEventListener("abort", interrupt);
  const share = heap ?? Math.floor(heapMegabytes / threads);
  const crew = Array.from({ length: threads }, () => new Hand<Order, Answer>(worker, { data, stop }, share));
  try {
    await work(crew, options);
  } finally {
    signal.removeEventListener("abort", interrupt);
    await Promise.all(crew.map((hand) => hand.end()));
  }
};
