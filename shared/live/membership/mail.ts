// What a driver and the hosts that have joined say to each other, over a stream: in order, each once, and heard again by who was away.
import { setTimeout as sleep } from "node:timers/promises";
import type { JsMsg } from "@nats-io/jetstream";
import type { Exit } from "../driver/child.ts";
import type { Order, ProcessSpec, Report } from "../process/control.ts";
import { type Following, follow } from "./follow.ts";
import { memberStream, newId, type Store, storeLimits } from "./store.ts";

/** What of a spec a host does not know from the run itself. */
export type Part = Pick<ProcessSpec, "number" | "lives" | "watched" | "steered" | "journal" | "plan">;

/** To the host that has a range in this life. Each process that it runs for it has a number, from 1; `n` counts what it is told, from 1. */
export interface HostOrder {
  /** Counts those who have coordinated the run: the highest that a host has heard is the one that it obeys. */
  readonly driver: number;
  readonly life: number;
  readonly child: number;
  readonly n: number;
  readonly what:
    | { readonly do: "start"; readonly part: Part }
    | { readonly do: "tell"; readonly order: Order }
    | { readonly do: "suspend"; readonly forNs: number }
    | { readonly do: "kill" | "resume" };
}

/** From that host: what its process says, or how it ended; `n` counts that, too. */
export interface HostReport {
  readonly driver: number;
  readonly life: number;
  readonly child: number;
  readonly n: number;
  readonly what: { readonly report: Report } | { readonly exit: Exit };
}

/**
 * Numbers that come one after the other. A stream may bring again what it has brought, and the oldest of it goes when there is too much
 * of it: a number that never came shows in the next one.
 */
export class Numbered {
  private last = 0;

  take(n: number): "next" | "again" | "gap" {
    if (n <= this.last) return "again";
    const how = n === this.last + 1 ? "next" : "gap";
    this.last = n;
    return how;
  }
}

/** Does one thing after the other, in the order in which they were asked for, though one may take a while. */
export class InTurn {
  private last = Promise.resolve();

  do(act: () => void | Promise<void>): void {
    this.last = this.last.then(act);
  }
}

/** What one member says, one message after the other: each is repeated until the stream has it, which takes a copy for the same. */
export class Outbox<Message> {
  private readonly store: Store;
  private readonly subject: string;
  private readonly id = newId();
  private sent = 0;
  private last = Promise.resolve();
  private ended = false;

  constructor(store: Store, subject: string) {
    this.store = store;
    this.subject = subject;
  }

  say(message: Message): void {
    const text = JSON.stringify(message);
    const msgID = `${this.id}-${++this.sent}`;
    this.last = this.last.then(() => this.insist(text, msgID));
  }

  /** Resolves when all of it has left, or nobody wants it any more. */
  async end(withinMs: number): Promise<void> {
    const waiting = new AbortController();
    await Promise.race([this.last, sleep(withinMs, undefined, { signal: waiting.signal }).catch(() => undefined)]);
    waiting.abort();
    this.ended = true;
  }

  private async insist(text: string, msgID: string): Promise<void> {
    while (!this.ended) {
      try {
        const { seq } = await this.store.client.publish(this.subject, text, { msgID, timeout: storeLimits.askMs });
        // A copy of what the servers are still about to agree on is confirmed without a place.
        if (seq > 0) return;
      } catch {
        // No server, no leader, no answer: all of that passes, or the lease ends and with it this member.
      }
      await sleep(storeLimits.againMs);
    }
  }
}

/** Hears what is said on a subject of the stream, from its beginning. */
export const hear = (store: Store, subject: string, on: (value: unknown, subject: string) => void): Following =>
  follow(store, memberStream(store.run), subject, (msg) => on(parsed(msg), msg.subject));

/** Undefined of bytes that are no JSON. */
const parsed = (msg: JsMsg): unknown => {
  try {
    return msg.json();
  } catch {
    return undefined;
  }
};
