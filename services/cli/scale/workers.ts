// The runs of a sweep on workers: the driver feeds a queue, and writes down what comes back.
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import {
  clearSweep,
  openQueue,
  putWork,
  type Queue,
  QueueFailed,
  readAnswer,
  resultsFor,
  workersOf,
  workStream,
} from "../../worker/queue.ts";
import type { UnderWay } from "./underWay.ts";

/** Runs that may wait or be under way in the queue, memory permitting. */
export const mostQueued = 256;

/** How long the driver waits for a result before it looks whether anybody is at work. */
const waitMs = 2_000;

const feed = async (underWay: UnderWay, queue: Queue): Promise<void> => {
  const { sweep, ledger } = underWay;
  for (let slot = underWay.next(); slot !== undefined; slot = underWay.next())
    await putWork(
      queue,
      sweep.code,
      { sweep: ledger.queue, cell: slot.cell, seed: underWay.seedAt(slot) },
      // A worker makes one run at a time, in a process of its own.
      { ...underWay.orderFor(slot, ""), alone: true },
    );
};

/** A result that is none ends the sweep. It is not kept: who begins the sweep again has the run made again. */
const take = (underWay: UnderWay, message: JsMsg): void => {
  const answer = readAnswer(message);
  if (typeof answer !== "string" && "record" in answer && underWay.knows(answer.record)) underWay.end(answer.record);
  message.ack();
  if (typeof answer === "string") throw new QueueFailed(`a result is no record of a run: it ${answer}`);
  if ("failed" in answer) throw new QueueFailed(`the run of ${answer.cell} with seed ${answer.seed} cannot be made: ${answer.failed}`);
  if (!underWay.knows(answer.record)) throw new QueueFailed(`a result is of ${answer.record.cell}, which is no cell of this sweep`);
};

/** Nobody at work is no error, for somebody may be on the way; but whoever waits for nobody must hear of it. */
class Attendance {
  private missed = false;
  private readonly underWay: UnderWay;
  private readonly queue: Queue;

  constructor(underWay: UnderWay, queue: Queue) {
    this.underWay = underWay;
    this.queue = queue;
  }

  async look(): Promise<void> {
    const ours = workersOf(this.underWay.sweep.code);
    const present = new Set<string>();
    for await (const { name, num_waiting: waiting, num_ack_pending: working } of this.queue.manager.consumers.list(workStream))
      if (waiting + working > 0) present.add(name);
    const others = present.size > 0 ? ` (those that wait there have other code: ${[...present].join(", ")}; this is ${ours})` : "";
    if (!present.has(ours) && !this.missed)
      this.underWay.onNotice(`no worker is there${others}: start any number of them with ./quiesce worker --nats URL`);
    this.missed = !present.has(ours);
  }
}

const fetchAll = async (underWay: UnderWay, queue: Queue, results: Consumer): Promise<void> => {
  const attendance = new Attendance(underWay, queue);
  while (!underWay.signal.aborted && !underWay.schedule.isOver) {
    await feed(underWay, queue);
    let fetched = 0;
    for await (const message of await results.fetch({ max_messages: mostQueued, expires: waitMs })) {
      fetched++;
      take(underWay, message);
      if (underWay.signal.aborted || underWay.schedule.isOver) break;
      await feed(underWay, queue);
    }
    if (fetched === 0) await attendance.look();
  }
};

/** After an interrupt, what is queued is made all the same: its results wait for whoever goes on. */
export const sweepOnWorkers = async (underWay: UnderWay, url: string): Promise<void> => {
  const { sweep, ledger, schedule } = underWay;
  if (schedule.isOver) return;
  const queue = await openQueue(url, `quiesce scale ${ledger.queue}`, sweep.code);
  try {
    await fetchAll(underWay, queue, await resultsFor(queue, ledger.queue));
    await queue.connection.flush();
    if (schedule.isOver) await clearSweep(queue, sweep.code, ledger.queue);
  } finally {
    await queue.connection.drain();
  }
};
