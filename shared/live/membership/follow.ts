// Reads a stream from its beginning and as it comes, in order and each message once, whichever of its servers is lost on the way.
import { setTimeout as sleep } from "node:timers/promises";
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { type Store, storeLimits } from "./store.ts";

export interface Following {
  readonly stop: () => void;
}

/** How often the stream is asked for more; half of it is the silence after which a server is taken for gone and another one asked. */
const askMs = 1_000;

/** What tells that this consumer brings nothing any more. */
const lost: readonly string[] = ["heartbeats_missed", "consumer_not_found", "consumer_deleted", "stream_not_found", "no_responders"];

/**
 * A consumer lives on one server and its client waits for that one to come back: so another is made where silence says that it is gone,
 * and asked for again until there is one. `subject` leaves out what is said elsewhere.
 */
export const follow = (store: Store, stream: string, subject: string | undefined, on: (msg: JsMsg) => void): Following => {
  let last = 0;
  let current: ConsumerMessages | undefined;
  let stopped = false;
  const callback = (msg: JsMsg): void => {
    if (stopped || msg.seq <= last) return;
    last = msg.seq;
    on(msg);
  };
  const open = async (): Promise<ConsumerMessages> => {
    const consumer = await store.client.consumers.get(stream, {
      ...(subject !== undefined && { filter_subjects: subject }),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: last + 1,
    });
    return consumer.consume({ callback, expires: askMs, idle_heartbeat: askMs / 2 });
  };
  const keep = async (): Promise<void> => {
    while (!stopped && !store.connection.isClosed()) {
      try {
        current = await open();
        if (stopped) break;
        for await (const { type } of current.status()) if (lost.includes(type)) break;
      } catch {
        // No server, no leader: both come back.
      }
      current?.stop();
      if (!stopped) await sleep(storeLimits.againMs);
    }
    current?.stop();
  };
  void keep();
  return {
    stop: () => {
      stopped = true;
      current?.stop();
    },
  };
};
