// The queue between the driver of a sweep and its workers, in JetStream: what is to be run, and what came of it.
//
// Every run has a subject of its own, and a subject holds one message: to hand in twice what waits or is under way changes nothing.
// Work stays in its stream until a worker that has handed in the result says so; a result stays in its own until the driver has
// written it down. Whoever is killed in between loses nothing: the work is delivered again, and the driver knows a result by its cell
// and seed. Workers take the work of their own code only, which is part of the subject.
import {
  AckPolicy,
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { readHeader } from "../../shared/journal/decode.ts";
import { connectTo } from "../../shared/live/bus/bus.ts";
import { limits } from "../../shared/protocol/setup.ts";
import { isPlain, textLimits } from "../../shared/scale/plain.ts";
import { isObject, jsonOf, type RunRecord, readRecord } from "../../shared/scale/record.ts";
import type { RunOrder } from "./order.ts";

const second = 1_000_000_000;
const day = 24 * 3600 * second;

export const queueLimits = {
  /** Work whose worker has not been heard of for so long goes to another. */
  silenceNs: 10 * second,
  /** A worker says so often that it is still at it. */
  heartbeatMs: 3_000,
  /** So often the same work is begun: what ends its worker again and again is not to end all of them. */
  deliveries: 5,
  /** Work that nobody takes, and results that no driver fetches, are forgotten after so long. */
  keptNs: 7 * day,
  /** Bytes of work, and of results, that may wait. */
  streamBytes: 64 << 20,
  /** For an answer of the server. */
  askMs: 5_000,
} as const;

/** The server cannot be used as a queue, or work did not come to its end. */
export class QueueFailed extends Error {
  readonly _tag = "QueueFailed";
  override readonly name = "QueueFailed";
}

/** What comes back of one order. */
export type Answer = { readonly record: RunRecord } | { readonly cell: string; readonly seed: number; readonly failed: string };

/** What a worker is told; undefined where it is none. Nothing that it is told makes it write a file. */
export const readOrder = (work: JsMsg): RunOrder | undefined => {
  const value = jsonOf(work.string());
  if (!isObject(value) || !isPlain(value.cell, textLimits.cell) || !isObject(value.order)) return undefined;
  const header = readHeader(value.order.header);
  if (typeof header === "string" || !isObject(value.order.plan)) return undefined;
  const { cpus, tasksPerCpu, operations, seed } = header.setup;
  // No more than that it is a machine's has been checked of the setup.
  if (!Array.isArray(operations)) return undefined;
  const isWithin = cpus >= 1 && cpus <= limits.cpus && tasksPerCpu <= limits.tasksPerCpu && operations.length <= limits.operations;
  if (!isWithin || !Number.isSafeInteger(seed)) return undefined;
  const { order, ...rest } = value as unknown as RunOrder;
  return { ...rest, order: { ...order, journal: null, progress: null } };
};

/** What came of an order; a text says why it is no answer. */
export const readAnswer = (result: JsMsg): Answer | string => {
  const value = jsonOf(result.string());
  if (!isObject(value)) return "is no object";
  const { cell, seed, failed: why } = value;
  if (why !== undefined)
    return isPlain(cell, textLimits.cell) && Number.isSafeInteger(seed) && isPlain(why, textLimits.failed)
      ? { cell, seed: seed as number, failed: why }
      : "tells no failure";
  const record = readRecord(value.record);
  return typeof record === "string" ? record : { record };
};

export interface Queue {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly client: JetStreamClient;
}

export const workStream = "quiesce-work";
const resultStream = "quiesce-results";

/** The consumer that all workers of one code share. */
export const workersOf = (code: string): string => `workers-${code}`;

/** Of one sweep, or of all with this code. */
const workOf = (code: string, sweep?: string): string => `quiesce.work.${code}.${sweep === undefined ? ">" : `${sweep}.>`}`;

const resultsOf = (sweep: string): string => `quiesce.result.${sweep}.>`;

export const healthSubject = "quiesce.worker.health";

/** The names of the last three parts of a subject of work. */
export interface Place {
  readonly sweep: string;
  readonly cell: number;
  readonly seed: number;
}

const placeText = ({ sweep, cell, seed }: Place): string => `${sweep}.${cell}.${seed}`;

/** Undefined for a subject of results that is nobody's. */
export const placeOf = (result: string): Omit<Place, "sweep"> | undefined => {
  const found = /^quiesce\.result\.\w+\.(\d{1,16})\.(\d{1,16})$/.exec(result);
  return found === null ? undefined : { cell: Number(found[1]), seed: Number(found[2]) };
};

/** Where the result of this work belongs. */
const resultSubject = (work: string): string => `quiesce.result.${work.split(".").slice(3).join(".")}`;

const streamOf = (name: string, subjects: string) => ({
  name,
  subjects: [subjects],
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  discard_new_per_subject: true,
  max_msgs_per_subject: 1,
  max_age: queueLimits.keptNs,
  max_bytes: queueLimits.streamBytes,
});

const failed = (what: string, error: unknown): QueueFailed => {
  const why = error instanceof Error ? error.message : String(error);
  const hint = /jetstream is not enabled|no responders/i.test(why) ? " (start the server with -js)" : "";
  return new QueueFailed(`${what}: ${why}${hint}`, { cause: error });
};

/** Makes the streams and the workers' consumer, or finds them as they should be. */
const prepare = async ({ manager }: Queue, code: string): Promise<void> => {
  await manager.streams.add(streamOf(workStream, "quiesce.work.>"));
  await manager.streams.add(streamOf(resultStream, "quiesce.result.>"));
  await manager.consumers.add(workStream, {
    durable_name: workersOf(code),
    filter_subject: workOf(code),
    ack_policy: AckPolicy.Explicit,
    ack_wait: queueLimits.silenceNs,
    // Whoever takes it once too often reports it instead: were deliveries to end, a lost report would leave work that nobody is given.
    max_deliver: -1,
    max_ack_pending: 10_000,
  });
};

/** Who uses the queue: whoever drives a sweep puts work in, and workers take it. */
export type QueueUser = "driver" | "worker";

/** Connects. Rejects with `NatsUnreachable` or `QueueFailed`. */
export const openQueue = async (url: string, user: QueueUser, name: string, code: string): Promise<Queue> => {
  const connection = await connectTo({ url, name, inbox: `_INBOX.${user}` });
  try {
    const manager = await jetstreamManager(connection, { timeout: queueLimits.askMs });
    const queue = { connection, manager, client: jetstream(connection, { timeout: queueLimits.askMs }) };
    await prepare(queue, code);
    return queue;
  } catch (error) {
    await connection.close();
    throw failed("the NATS server cannot be used as a queue", error);
  }
};

/** "maximum messages per subject exceeded": it is there already. */
const thereAlready = 10077;

const isThere = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === thereAlready;

const put = async ({ client, connection }: Queue, subject: string, value: RunOrder | Answer): Promise<void> => {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const most = connection.info?.max_payload ?? 0;
  if (bytes.length > most) throw new QueueFailed(`a message of ${bytes.length} bytes is larger than the server takes (${most})`);
  try {
    await client.publish(subject, bytes, { retries: 5 });
  } catch (error) {
    if (!isThere(error)) throw failed(`${subject} cannot be put into the queue`, error);
  }
};

export const putWork = (queue: Queue, code: string, place: Place, order: RunOrder): Promise<void> =>
  put(queue, `quiesce.work.${code}.${placeText(place)}`, order);

/** The result first: killed in between, a worker leaves work that is done again rather than none. */
export const putAnswer = async (queue: Queue, work: JsMsg, answer: Answer): Promise<void> => {
  await put(queue, resultSubject(work.subject), answer);
  await work.ackAck({ timeout: queueLimits.askMs });
};

const subjectsIn = async ({ manager }: Queue, stream: string, subjects: string): Promise<readonly string[]> => {
  const { state } = await manager.streams.info(stream, { subjects_filter: subjects });
  return Object.keys(state.subjects ?? {});
};

/** Tells of places of one sweep whether the server has forgotten them: a result is there before its work is gone, so work is asked for first. */
export const forgottenIn = async (queue: Queue, code: string, sweep: string): Promise<(place: Place) => boolean> => {
  const work = await subjectsIn(queue, workStream, workOf(code, sweep));
  const results = await subjectsIn(queue, resultStream, resultsOf(sweep));
  const there = new Set([...work, ...results].map((subject) => subject.split(".").slice(-3).join(".")));
  return (place) => !there.has(placeText(place));
};

/**
 * One by one, for they are few: a server of 2.9 that purges one sweep's work makes the workers pass over all other work that waits.
 */
const remove = async (queue: Queue, stream: string, subjects: string): Promise<void> => {
  const { manager } = queue;
  for (const subject of await subjectsIn(queue, stream, subjects)) {
    const message = await manager.streams.getMessage(stream, { last_by_subj: subject });
    if (message === null) continue;
    try {
      await manager.streams.deleteMessage(stream, message.seq, false);
    } catch (error) {
      // A worker may have said meanwhile that its work is done, which removes it.
      if ((await manager.streams.getMessage(stream, { last_by_subj: subject })) !== null) throw error;
    }
  }
};

/** Forgets what a sweep has left in the queue: runs that were begun twice, and their results. */
export const clearSweep = async (queue: Queue, code: string, sweep: string): Promise<void> => {
  await remove(queue, workStream, workOf(code, sweep));
  await queue.manager.consumers.delete(resultStream, `driver-${sweep}`);
  await remove(queue, resultStream, resultsOf(sweep));
};

/** The results of one sweep, which wait for whoever drives it. */
export const resultsFor = async ({ manager, client }: Queue, sweep: string) => {
  const name = `driver-${sweep}`;
  await manager.consumers.add(resultStream, {
    durable_name: name,
    filter_subject: resultsOf(sweep),
    ack_policy: AckPolicy.Explicit,
    ack_wait: queueLimits.silenceNs,
  });
  return client.consumers.get(resultStream, name);
};
