// The bucket and the streams of a run that is spread over hosts, on the JetStream of its NATS servers.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { connectTo, NatsUnreachable } from "../bus/bus.ts";
import { isHopeless } from "../bus/credentials.ts";
import { registerLimits } from "../bus/register.ts";
import { bucketOf, journalsSubject, ordersSubject, reportsSubject } from "../bus/subjects.ts";

export const storeLimits = {
  /** For an answer of the server. */
  askMs: 2_000,
  /** Between two attempts at something that cannot be done yet. */
  againMs: 250,
  /** A cluster that is just starting may take this long until it can make streams. */
  makeMs: 60_000,
  /** How long the end of a run waits for the recorder to have all journals. */
  recordMs: 30_000,
  /** What members tell each other may take up this much; the oldest of it goes first. */
  memberBytes: 16 << 20,
  /** What journals may take up, in all: what is beyond that is not kept, and the run's verdict is then unknown. */
  journalBytes: 256 << 20,
  journalMessages: 10_000_000,
  /** Streams that nobody has removed keep their messages for so long. */
  keptNs: 24 * 3600e9,
} as const;

/** The bucket of a run cannot be used, or somebody else has taken the run over. */
export class ClusterFailed extends Error {
  readonly _tag = "ClusterFailed";
  override readonly name = "ClusterFailed";
}

export const memberStream = (run: string): string => `quiesce-${run}-members`;
export const journalStream = (run: string): string => `quiesce-${run}-journal`;

/** A value of the bucket with its revision; 0 is that of a key never written. */
export interface Entry {
  readonly revision: number;
  /** When it was written, by the server's clock, in ms. */
  readonly time: number;
  readonly value: unknown;
}

export interface Store {
  /** Whoever leads the copies knows every change that was confirmed; any copy may lag behind, and is no worse for one who only looks. */
  readonly asks: "leader" | "any";
  readonly run: string;
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

const subjectOf = (run: string, key: string): string => bucketOf(run).subject.replace(/[^.]+$/, key);

export const read = async ({ asks, manager, run }: Store, key: string): Promise<Entry> => {
  const last = { last_by_subj: subjectOf(run, key) };
  const { stream } = bucketOf(run);
  const found = await (asks === "leader" ? manager.streams.getMessage(stream, last) : manager.direct.getMessage(stream, last));
  return found === null
    ? { revision: 0, time: 0, value: undefined }
    : { revision: found.seq, time: found.time.getTime(), value: found.json() };
};

/** "wrong last sequence", as servers before and since 2.11 number it. */
const lostCodes: readonly number[] = [10071, 10164];

/** Gives the new revision, or null if the key has another one by now. Anything else that goes wrong is thrown: it may have been done. */
export const change = async ({ client, run }: Store, key: string, revision: number, value: unknown): Promise<number | null> => {
  try {
    const expect = { lastSubjectSequence: revision };
    const { seq } = await client.publish(subjectOf(run, key), JSON.stringify(value), { expect, timeout: storeLimits.askMs });
    return seq;
  } catch (error) {
    if (error instanceof JetStreamApiError && lostCodes.includes(error.code)) return null;
    throw error;
  }
};

/** Connects as this user. A server that is just starting, as those of containers that start together, is waited for. */
export const connectStore = async (url: string, user: string): Promise<NatsConnection> => {
  for (const until = performance.now() + storeLimits.makeMs; ; await sleep(storeLimits.againMs)) {
    try {
      return await connectTo({ url, name: user, inbox: `_INBOX.${user}` });
    } catch (error) {
      if (!(error instanceof NatsUnreachable) || isHopeless(error.cause) || performance.now() > until) throw error;
    }
  }
};

/** The bucket of a run, which must be there. */
export const openStore = async (connection: NatsConnection, run: string, asks: Store["asks"]): Promise<Store> => {
  const client = jetstream(connection, { timeout: storeLimits.askMs });
  const manager = await jetstreamManager(connection, { timeout: storeLimits.askMs, checkAPI: false });
  return { run, connection, client, manager, asks };
};

/** "stream not found", "consumer not found" */
const noStream = 10059;
const noConsumer = 10014;

/** True if there is a bucket of this name. */
export const hasBucket = async (connection: NatsConnection, run: string): Promise<boolean> => {
  const manager = await jetstreamManager(connection, { timeout: storeLimits.askMs, checkAPI: false });
  try {
    await manager.streams.info(bucketOf(run).stream);
    return true;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === noStream) return false;
    throw error;
  }
};

const streamsOf = (run: string, replicas: number) => {
  const common = {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    num_replicas: replicas,
    max_age: storeLimits.keptNs,
    allow_direct: true,
  };
  const bucket = bucketOf(run);
  return [
    {
      ...common,
      name: bucket.stream,
      subjects: [bucket.subject.replace(/[^.]+$/, ">")],
      discard: DiscardPolicy.New,
      max_msgs_per_subject: 1,
      max_bytes: registerLimits.bucketBytes,
      max_age: 0,
      deny_delete: true,
      allow_rollup_hdrs: true,
    },
    {
      ...common,
      name: memberStream(run),
      subjects: [ordersSubject(run, "*"), reportsSubject(run, "*")],
      discard: DiscardPolicy.Old,
      max_bytes: storeLimits.memberBytes,
    },
    {
      ...common,
      name: journalStream(run),
      subjects: [journalsSubject(run)],
      discard: DiscardPolicy.New,
      max_bytes: storeLimits.journalBytes,
      max_msgs: storeLimits.journalMessages,
    },
  ];
};

/** Insists until it is done: a cluster that is just starting, or has lost the server that led, says for a while that it cannot. */
export const insist = async <T>(what: string, ask: () => Promise<T>): Promise<T> => {
  for (const until = performance.now() + storeLimits.makeMs; ; await sleep(storeLimits.againMs)) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ClusterFailed || (error instanceof JetStreamApiError && error.code === noStream)) throw error;
      if (performance.now() > until) {
        const why = error instanceof Error ? error.message : String(error);
        throw new ClusterFailed(`the NATS server would not ${what}: ${why} (has it JetStream, and as many servers as copies?)`);
      }
    }
  }
};

/** Makes the bucket and the streams, `replicas` copies of each. What is there already stays as it is. */
export const makeStore = async (connection: NatsConnection, run: string, replicas: number): Promise<Store> => {
  const manager = await insist("answer", () => jetstreamManager(connection, { timeout: storeLimits.askMs, checkAPI: false }));
  for (const config of streamsOf(run, replicas)) await insist(`make the stream ${config.name}`, () => manager.streams.add(config));
  return insist("open the bucket", () => openStore(connection, run, "leader"));
};

/** The consumer of whoever keeps the journals as they come. */
export const recorderName = "recorder";

const hasRecorder = async ({ manager, run }: Store): Promise<boolean> => {
  try {
    await manager.consumers.info(journalStream(run), recorderName);
    return true;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === noConsumer) return false;
    throw error;
  }
};

/** The recorder has all: its consumer goes. */
export const leaveRecord = (store: Store): Promise<void> =>
  insist("let the recorder go", async () => {
    if (await hasRecorder(store)) await store.manager.consumers.delete(journalStream(store.run), recorderName);
  });

/** Waits for the recorder, if there is one, to have all and to take its consumer away; but not for ever. */
export const recorded = async (store: Store): Promise<void> => {
  for (const until = performance.now() + storeLimits.recordMs; performance.now() < until; await sleep(storeLimits.againMs)) {
    if (!(await hasRecorder(store).catch(() => true))) return;
  }
};

/** One that is gone was removed, if only by an attempt whose answer was lost. */
const removed = async (manager: JetStreamManager, stream: string): Promise<void> => {
  try {
    await manager.streams.delete(stream);
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === noStream)) throw error;
  }
};

/** Nothing of a run that is over stays on the server, as long as it is ours to remove. What says whose it is goes last. */
export const removeStore = async ({ manager, run }: Store, isOurs: () => boolean): Promise<void> => {
  for (const name of [journalStream(run), memberStream(run), bucketOf(run).stream])
    if (isOurs()) await insist(`remove the stream ${name}`, () => removed(manager, name));
};

export const newId = (): string => randomUUID();
