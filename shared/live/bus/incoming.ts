// What arrives at a process, from the subjects that it listens to.
import { setTimeout as sleep } from "node:timers/promises";
import type { Refusal } from "../../protocol/wire/frame.ts";
import { type Bus, busLimits, NatsUnreachable } from "./bus.ts";
import { unseal } from "./codec.ts";
import type { Layout } from "./layout.ts";
import { type Incoming, readIncoming } from "./reading.ts";
import { heardBy, type Speaker } from "./subjects.ts";

/** Handles what was said, or says why it is refused all the same. */
export type OnIncoming = (incoming: Incoming) => Refusal | undefined;

/** Listens to all that is said to `who`, as soon as it is `heard`. */
export const listen = (bus: Bus, run: string, who: Speaker, layout: Layout, onIncoming: OnIncoming): void => {
  for (const subject of heardBy(run, who)) {
    bus.subscribe(subject, (literal, bytes) => {
      const incoming = readIncoming(unseal, layout, literal, bytes);
      return typeof incoming === "string" ? incoming : onIncoming(incoming);
    });
  }
};

/**
 * Resolves when the server knows what we listen to. A connection that breaks meanwhile comes back with its subscriptions, so the server
 * is asked again.
 */
export const heard = async (bus: Bus): Promise<void> => {
  const until = performance.now() + busLimits.reachMs;
  for (;;) {
    try {
      return await bus.flush();
    } catch (error) {
      if (performance.now() > until)
        throw new NatsUnreachable(`the NATS server was reached and then lost: ${String(error)}`, { cause: error });
      await sleep(busLimits.reconnectFirstMs);
    }
  }
};
