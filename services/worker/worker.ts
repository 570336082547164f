// A worker: takes runs of sweeps from a queue, one at a time, and hands their results in, until it is told to stop.
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { plain, textLimits } from "../../shared/scale/plain.ts";
import type { RunRecord } from "../../shared/scale/record.ts";
import { codeDigest } from "../recorder/manifest.ts";
import { Bench } from "./bench.ts";
import type { RunOrder } from "./order.ts";
import { type Answer, healthSubject, openQueue, putAnswer, type Queue, queueLimits, readOrder, workersOf, workStream } from "./queue.ts";

const workerLimits = {
  /** How long it waits for work before it looks whether it is to stop. */
  waitMs: 1_000,
  /** A run that has not ended so long after the worker was told to stop is handed back. */
  graceMs: 10_000,
} as const;

export interface WorkerOptions {
  readonly url: string;
  /** Told in results; made up if not given. */
  readonly name: string | undefined;
  /** Ends after so many. */
  readonly maxRuns: number;
  /** What a run may take by the clock on the wall. */
  readonly runMs: number;
  /** And in megabytes. */
  readonly heap: number;
  /** A line of what it is doing. */
  readonly onLine: (text: string) => void;
  /** Hears of each run that came to its end. */
  readonly onRecord: (record: RunRecord) => void;
  readonly signal: AbortSignal;
}

/** What it answers whoever asks on the health subject. */
interface Health {
  readonly worker: string;
  readonly code: string;
  readonly pid: number;
  done: number;
  failed: number;
  handedBack: number;
  /** What it is at, and since when. */
  running: { readonly cell: string; readonly seed: number; readonly since: string } | null;
}

class WorkerAtWork {
  private readonly bench: Bench;
  private readonly queue: Queue;
  private readonly health: Health;
  private readonly options: WorkerOptions;

  constructor(queue: Queue, health: Health, options: WorkerOptions) {
    this.bench = new Bench(options.heap);
    this.queue = queue;
    this.health = health;
    this.options = options;
  }

  async take(work: JsMsg): Promise<void> {
    const { health, options, queue } = this;
    const order = readOrder(work);
    if (order === undefined) {
      // Servers before 2.10 keep what is only said to make no sense.
      work.ack();
      options.onLine(`refused: ${plain(work.subject, textLimits.by)} is no order`);
      return;
    }
    const what = `${order.cell} seed ${order.order.header.seed}`;
    if (work.info.deliveryCount > queueLimits.deliveries) {
      const answer = failure(
        order,
        `was begun ${queueLimits.deliveries} times and never came to its end: its workers ended, or handed it back`,
      );
      await putAnswer(queue, work, answer);
      health.failed++;
      options.onLine(`given up: ${what}: ${answer.failed}`);
      return;
    }
    options.onLine(`begun: ${what}${work.redelivered ? ` (delivery ${work.info.deliveryCount})` : ""}`);
    health.running = { cell: order.cell, seed: order.order.header.seed, since: new Date().toISOString() };
    const answer = await this.answer(work, { ...order, by: health.worker });
    health.running = null;
    if (answer === null) {
      work.nak();
      await queue.connection.flush();
      health.handedBack++;
      options.onLine(`handed back: ${what}`);
      return;
    }
    await putAnswer(queue, work, answer);
    if ("failed" in answer) health.failed++;
    else {
      health.done++;
      options.onRecord(answer.record);
    }
    options.onLine("failed" in answer ? `failed: ${what}: ${answer.failed}` : `done: ${what}`);
  }

  end(): Promise<void> {
    return this.bench.end();
  }

  /** Says all the while that it is at it. Null if the worker was told to stop and the run took too long. */
  private async answer(work: JsMsg, order: RunOrder): Promise<Answer | null> {
    const { signal, runMs } = this.options;
    const beating = setInterval(() => work.working(), queueLimits.heartbeatMs);
    let grace: NodeJS.Timeout | undefined;
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      this.bench.stop();
    }, runMs);
    const onStop = (): void => {
      grace = setTimeout(() => this.bench.stop(), workerLimits.graceMs);
    };
    signal.addEventListener("abort", onStop);
    if (signal.aborted) onStop();
    try {
      const record = await this.bench.run(order);
      if (record !== null) return { record };
      return isLate ? failure(order, `took longer than the ${runMs / 1e3} s that a worker gives it`) : null;
    } catch (error) {
      return failure(order, error instanceof Error ? error.message : String(error));
    } finally {
      clearInterval(beating);
      clearTimeout(grace);
      clearTimeout(late);
      signal.removeEventListener("abort", onStop);
    }
  }
}

const failure = ({ cell, order }: RunOrder, failed: string): Extract<Answer, { failed: string }> => ({
  cell,
  seed: order.header.seed,
  failed: plain(failed, textLimits.failed),
});

const watch = async ({ connection }: Queue, onLine: WorkerOptions["onLine"]): Promise<void> => {
  for await (const { type } of connection.status()) {
    if (type === "disconnect") onLine("the NATS server is gone: looking for it");
    else if (type === "reconnect") onLine("the NATS server is back");
  }
};

const answerHealth = ({ connection }: Queue, health: Health): void => {
  connection.subscribe(healthSubject, {
    callback: (error, msg) => {
      if (error === null) msg.respond(JSON.stringify(health));
    },
  });
};

/** Takes one run if there is one. What goes wrong with the server is told, and what was under way will be delivered again. */
const turn = async (consumer: Consumer, atWork: WorkerAtWork, { connection }: Queue, onLine: WorkerOptions["onLine"]): Promise<void> => {
  try {
    const work = await consumer.next({ expires: workerLimits.waitMs });
    if (work !== null) await atWork.take(work);
  } catch (error) {
    if (connection.isClosed()) throw error;
    onLine(`the queue does not answer: ${error instanceof Error ? error.message : String(error)}`);
    await sleep(workerLimits.waitMs);
  }
};

/** Resolves with how many runs it made, when it was told to stop or has made as many as it may. */
export const runWorker = async (options: WorkerOptions): Promise<number> => {
  const { url, maxRuns, onLine, signal } = options;
  const code = codeDigest();
  const worker = options.name ?? `${hostname()}-${randomBytes(3).toString("hex")}`;
  const queue = await openQueue(url, "worker", `quiesce ${worker}`, code);
  const health: Health = { worker, code, pid: process.pid, done: 0, failed: 0, handedBack: 0, running: null };
  const atWork = new WorkerAtWork(queue, health, options);
  try {
    void watch(queue, onLine);
    answerHealth(queue, health);
    const consumer = await queue.client.consumers.get(workStream, workersOf(code));
    onLine(`${worker} waits for work of code ${code}`);
    while (!signal.aborted && health.done + health.failed < maxRuns) await turn(consumer, atWork, queue, onLine);
  } finally {
    await atWork.end();
    await queue.connection.drain();
  }
  onLine(`${worker} ends: ${health.done} done, ${health.failed} failed, ${health.handedBack} handed back`);
  return health.done;
};
