// Reads a stream from its beginning and as it comes, in order and each message once, whichever of its servers is lost on the way.
import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { newId, type Store, storeLimits } from "./store.ts";

export interface Following {
  readonly stop: () => void;
}

const followLimits = {
  /** Each asking waits so long for messages, if there are none. */
  askMs: 1_000,
  /** The server says twice in an asking that it is there. One that nothing came of in so long is given up. */
  silentMs: 2_000,
  /** What one asking brings at most. */
  messages: 100,
  /** What a server has sent and nobody received shows when another consumer is asked: no later than this. */
  consumerMs: 5_000,
  /** The server forgets one that nobody asks for so long. */
  forgottenNs: 20e9,
} as const;

/**
 * Asks a consumer once for what it has. Fails if the server does not answer. That is our own clock's to say: the client's stands still
 * after a connection was lost, and does not always go on.
 */
export const ask = async (consumer: Consumer, on: (msg: JsMsg) => void): Promise<void> => {
  const { askMs, messages, silentMs } = followLimits;
  const answer = await consumer.fetch({ max_messages: messages, expires: askMs, idle_heartbeat: askMs / 2 });
  const silent = setTimeout(() => answer.stop(new Error(`no answer in ${silentMs / 1_000} s`)), silentMs);
  try {
    for await (const msg of answer) {
      silent.refresh();
      // What goes wrong in there is not the server's, and ends whoever hears it.
      queueMicrotask(() => on(msg));
    }
  } finally {
    clearTimeout(silent);
  }
};

/**
 * A consumer lives on one server and has forgotten what it has sent, arrived or not: so it is asked for a while, and then another one is
 * made that begins with what has not come. `subject` leaves out what is said elsewhere.
 */
export const follow = (store: Store, stream: string, subject: string | undefined, on: (msg: JsMsg) => void): Following => {
  let last = 0;
  let stopped = false;
  const take = (msg: JsMsg): void => {
    if (stopped || msg.seq <= last) return;
    last = msg.seq;
    on(msg);
  };
  const open = async (): Promise<Consumer> => {
    const info = await store.manager.consumers.add(stream, {
      name: newId(),
      ...(subject !== undefined && { filter_subject: subject }),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: last + 1,
      ack_policy: AckPolicy.None,
      num_replicas: 1,
      mem_storage: true,
      inactive_threshold: followLimits.forgottenNs,
    });
    return store.client.consumers.getConsumerFromInfo(info);
  };
  const keep = async (): Promise<void> => {
    while (!stopped && !store.connection.isClosed()) {
      try {
        const consumer = await open();
        for (const until = performance.now() + followLimits.consumerMs; !stopped && performance.now() < until; ) await ask(consumer, take);
      } catch {
        // No server, no leader: both come back.
        if (!stopped) await sleep(storeLimits.againMs);
      }
    }
  };
  void keep();
  return {
    stop: () => {
      stopped = true;
    },
  };
};
