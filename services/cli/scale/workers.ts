// The runs of a sweep on workers: the driver feeds a queue, and writes down what comes back.
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { plain, textLimits } from "../../../shared/scale/plain.ts";
import type { Slot } from "../../../shared/scale/schedule.ts";
import {
  clearSweep,
  forgottenIn,
  openQueue,
  placeOf,
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

const placeFor = (underWay: UnderWay, slot: Slot) => ({ sweep: underWay.ledger.queue, cell: slot.cell, seed: underWay.seedAt(slot) });

/** A worker makes one run at a time, in a process of its own. */
const putSlot = (underWay: UnderWay, queue: Queue, slot: Slot): Promise<void> =>
  putWork(queue, underWay.sweep.code, placeFor(underWay, slot), { ...underWay.orderFor(slot, ""), alone: true });

const feed = async (underWay: UnderWay, queue: Queue): Promise<void> => {
  for (let slot = underWay.next(); slot !== undefined; slot = underWay.next()) await putSlot(underWay, queue, slot);
};

/** Puts back what the server has forgotten, or somebody has removed. */
const feedAgain = async (underWay: UnderWay, queue: Queue): Promise<void> => {
  const isForgotten = await forgottenIn(queue, underWay.sweep.code, underWay.ledger.queue);
  for (const slot of underWay.schedule.underWay) if (isForgotten(placeFor(underWay, slot))) await putSlot(underWay, queue, slot);
};

/** The slot that a result of this subject belongs to, if it is under way. */
const slotOf = (underWay: UnderWay, subject: string): Slot | undefined => {
  const place = placeOf(subject);
  return underWay.schedule.underWay.find((slot) => slot.cell === place?.cell && underWay.seedAt(slot) === place.seed);
};

/** A failure ends the sweep. What is no result, or not of the run that its subject names, is told and changes nothing. */
const take = async (underWay: UnderWay, queue: Queue, message: JsMsg): Promise<void> => {
  const answer = readAnswer(message);
  const slot = slotOf(underWay, message.subject);
  const of = typeof answer === "string" ? undefined : "record" in answer ? answer.record : answer;
  const isOurs = of !== undefined && slot !== undefined && of.cell === underWay.cellAt(slot).key && of.seed === underWay.seedAt(slot);
  if (isOurs && typeof answer !== "string" && "record" in answer) underWay.end(answer.record);
  message.ack();
  if (isOurs && typeof answer !== "string" && "failed" in answer)
    throw new QueueFailed(`the run of ${answer.cell} with seed ${answer.seed} cannot be made: ${answer.failed}`);
  if (isOurs) return;
  const why = typeof answer === "string" ? answer : "is of no run that is awaited there";
  underWay.passOver(`${plain(message.subject, textLimits.by)} ${why}`);
  if (slot !== undefined) await putSlot(underWay, queue, slot);
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
      await take(underWay, queue, message);
      if (underWay.signal.aborted || underWay.schedule.isOver) break;
      await feed(underWay, queue);
    }
    if (fetched > 0) continue;
    await feedAgain(underWay, queue);
    await attendance.look();
  }
};

/** After an interrupt, what is queued is made all the same: its results wait for whoever goes on. */
export const sweepOnWorkers = async (underWay: UnderWay, url: string): Promise<void> => {
  const { sweep, ledger, schedule } = underWay;
  if (schedule.isOver) return;
  const queue = await openQueue(url, "driver", `quiesce scale ${ledger.queue}`, sweep.code);
  try {
    await fetchAll(underWay, queue, await resultsFor(queue, ledger.queue));
    await queue.connection.flush();
    if (schedule.isOver) await clearSweep(queue, sweep.code, ledger.queue);
  } finally {
    await queue.connection.drain();
  }
};
