// A process's connection to NATS, in plain functions: publish and subscribe for the hot path, request for the register.
//
// The network of this program may lose messages, and its protocol asks again: so a message that cannot be sent now is dropped and
// counted rather than kept. Only what the server has not yet confirmed is waiting, and of that there is a limit.
import { setTimeout as sleep } from "node:timers/promises";
import { connect, headers, type Msg, type NatsConnection, PermissionViolationError, type Status } from "nats";
import { type Refused, RefusedTally } from "../../journal/refused.ts";
import { type Refusal, wireLimits } from "../../protocol/wire/frame.ts";
import { type Address, addressFor, readAddress } from "./address.ts";
import { credentialsOf, isHopeless, remedyFor } from "./credentials.ts";
import { readSubject, userOf } from "./subjects.ts";

export const busLimits = {
  /** How long a process looks for the server at its start; within a run it looks for ever. */
  reachMs: 3_000,
  /** A handshake with a server that answers slowly. */
  handshakeMs: 2_000,
  /** Waits between attempts to connect grow from the first to the second. */
  reconnectFirstMs: 10,
  reconnectCapMs: 500,
  /** A server that has not answered three pings is taken for gone. */
  pingMs: 5_000,
  pingsOut: 3,
  /** Bytes that may be under way to the server without its having confirmed them. */
  unconfirmedBytes: 32 << 20,
  /** What is under way at the end may take this long to leave. */
  drainMs: 2_000,
} as const;

/** There is no server at this address, or it does not let us in. */
export class NatsUnreachable extends Error {
  readonly _tag = "NatsUnreachable";
  override readonly name = "NatsUnreachable";
}

/** What happens to a connection besides messages. */
export type BusEvent =
  | { readonly kind: "disconnected" }
  | { readonly kind: "reconnected" }
  /** The server does not permit this process to publish or subscribe there. */
  | { readonly kind: "denied"; readonly operation: "publish" | "subscription"; readonly subject: string }
  /** The server complains: a slow consumer, a protocol error. */
  | { readonly kind: "complaint"; readonly error: Error }
  /** A message was none, or not for its speaker to say. It changed nothing. */
  | { readonly kind: "refused"; readonly subject: string; readonly why: Refusal }
  /** A handler of a message threw: a defect of this process. */
  | { readonly kind: "defect"; readonly error: unknown }
  /** The connection ended for good although nobody here ended it. */
  | { readonly kind: "lost"; readonly error: Error | undefined };

export interface BusCounts {
  published: number;
  publishedBytes: number;
  received: number;
  /** Not sent: no connection, too large, or too much unconfirmed. */
  dropped: number;
  /** What the server would not let through. */
  denied: number;
  /** What was received and refused. */
  refused: number;
  reconnects: number;
}

/** The answer to a request. `status` is a NATS status such as 404 or 503, and 0 where there is none. */
export interface Reply {
  readonly bytes: Uint8Array;
  readonly status: number;
  readonly header: (name: string) => string;
}

/** Handles a message, or says why it is refused. */
export type OnMessage = (subject: string, bytes: Uint8Array) => Refusal | undefined;

export interface Bus {
  /** How many servers the address names: more than one are a cluster. */
  readonly servers: number;
  /** Sends now or never. The bytes may not be changed afterwards. `traceparent` is the header of that name; without it there are none. */
  readonly publish: (subject: string, bytes: Uint8Array, traceparent?: string) => void;
  readonly subscribe: (subject: string, onMessage: OnMessage) => void;
  /** The server has seen all that was published and subscribed before. Rejects if the connection breaks meanwhile. */
  readonly flush: () => Promise<void>;
  /** Undefined if no answer came in time. */
  readonly request: (
    subject: string,
    bytes: Uint8Array,
    timeoutMs: number,
    header?: readonly [name: string, value: string],
  ) => Promise<Reply | undefined>;
  readonly counts: Readonly<BusCounts>;
  /** Whose messages were refused, and why. */
  readonly refused: () => readonly Refused[];
  /** Lets what is under way leave, then closes. */
  readonly close: () => Promise<void>;
}

export interface BusOptions {
  readonly url: string;
  /** Shown in the server's own listings of connections. */
  readonly name: string;
  /** Prefix of the subjects on which answers to requests arrive: _INBOX.USER. */
  readonly inbox: string;
  readonly onEvent: (event: BusEvent) => void;
}

const reconnectDelay = (attempt: number): number => {
  const cap = Math.min(busLimits.reconnectCapMs, busLimits.reconnectFirstMs * 2 ** Math.min(attempt, 16));
  return cap / 2 + (Math.random() * cap) / 2;
};

const unreachable = (address: Address, cause: unknown): NatsUnreachable => {
  const why = cause instanceof Error && cause.message !== "" ? cause.message : String(cause);
  return new NatsUnreachable(`no NATS server to be used at ${address.shown} (${why}): ${remedyFor(cause)}`, { cause });
};

type DialOptions = Omit<BusOptions, "onEvent">;

const readCredentials = (address: Address) => {
  try {
    return credentialsOf(address);
  } catch (error) {
    throw unreachable(address, error);
  }
};

const dial = async (options: DialOptions, address: Address, delayMs: () => number): Promise<NatsConnection> => {
  const credentials = readCredentials(address);
  const until = performance.now() + busLimits.reachMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await connect({
        servers: [...address.servers],
        ...credentials,
        name: options.name,
        inboxPrefix: options.inbox,
        timeout: busLimits.handshakeMs,
        maxReconnectAttempts: -1,
        reconnectDelayHandler: delayMs,
        pingInterval: busLimits.pingMs,
        maxPingOut: busLimits.pingsOut,
        noAsyncTraces: true,
      });
    } catch (error) {
      if (performance.now() >= until || isHopeless(error)) throw unreachable(address, error);
      await sleep(reconnectDelay(attempt));
    }
  }
};

/** What is known of a connection: whether it stands, how often it was tried since, and whether we are ending it. */
interface Link {
  online: boolean;
  closing: boolean;
  attempts: number;
}

const onStatus = (status: Status, link: Link, counts: BusCounts, onEvent: BusOptions["onEvent"]): void => {
  if (status.type === "reconnecting") link.attempts++;
  else if (status.type === "disconnect") {
    link.online = false;
    if (!link.closing) onEvent({ kind: "disconnected" });
  } else if (status.type === "reconnect") {
    link.online = !link.closing;
    link.attempts = 0;
    counts.reconnects++;
    onEvent({ kind: "reconnected" });
  } else if (status.type === "error" && status.error instanceof PermissionViolationError) {
    counts.denied++;
    onEvent({ kind: "denied", operation: status.error.operation, subject: status.error.subject });
  } else if (status.type === "error") onEvent({ kind: "complaint", error: status.error });
};

/** Follows a connection to its end. */
const watch = async (nc: NatsConnection, link: Link, counts: BusCounts, onEvent: BusOptions["onEvent"]): Promise<void> => {
  for await (const status of nc.status()) onStatus(status, link, counts, onEvent);
  const error = await nc.closed();
  link.online = false;
  if (!link.closing) onEvent({ kind: "lost", error: error ?? undefined });
};

const close = async (nc: NatsConnection, link: Link): Promise<void> => {
  if (link.closing) return;
  const wasOnline = link.online;
  link.closing = true;
  link.online = false;
  if (nc.isClosed()) return;
  // Draining waits for the server; one that is gone would be waited for without end. It fails only if the connection ends first.
  if (wasOnline) await Promise.race([nc.drain().catch(() => undefined), sleep(busLimits.drainMs, undefined, { ref: false })]);
  await nc.close();
};

/** Of a folder of keys a connection takes those of the user whom its inbox names. */
const addressOf = ({ url, inbox }: DialOptions): Address => {
  const address = readAddress(addressFor(url, inbox.slice(inbox.indexOf(".") + 1)));
  if (address === undefined)
    throw new NatsUnreachable("not the address of a NATS server: it reads nats://user:password@host:port, or tls://host:port?keys=DIR");
  return address;
};

/** A bare connection that comes back by itself, for whoever wants of JetStream what a bus has no use for. Rejects with `NatsUnreachable`. */
export const connectTo = (options: DialOptions): Promise<NatsConnection> =>
  dial(options, addressOf(options), () => busLimits.reconnectCapMs);

/** Connects. Rejects with `NatsUnreachable`. */
export const openBus = async (options: BusOptions): Promise<Bus> => {
  const address = addressOf(options);
  const link: Link = { online: true, closing: false, attempts: 0 };
  const counts: BusCounts = { published: 0, publishedBytes: 0, received: 0, dropped: 0, denied: 0, refused: 0, reconnects: 0 };
  const nc = await dial(options, address, () => reconnectDelay(link.attempts));
  void watch(nc, link, counts, options.onEvent);
  const flow = confirmations(nc);
  const refusals = new RefusedTally();
  const largest = Math.min(wireLimits.frameBytes, nc.info?.max_payload ?? wireLimits.frameBytes);
  return {
    servers: address.servers.length,
    publish: (subject, bytes, traceparent) => {
      if (!link.online || nc.isClosed() || bytes.length > largest || !flow.admits(bytes.length)) {
        counts.dropped++;
        return;
      }
      if (traceparent === undefined) nc.publish(subject, bytes);
      else nc.publish(subject, bytes, { headers: tracedBy(traceparent) });
      counts.published++;
      counts.publishedBytes += bytes.length;
    },
    subscribe: (subject, onMessage) => {
      const callback = (error: Error | null, msg: Msg): void => {
        // A refused subscription comes as a status as well, and is told from there.
        if (error !== null) return;
        counts.received++;
        try {
          const why = onMessage(msg.subject, msg.data);
          if (why === undefined) return;
          counts.refused++;
          refusals.add(refusalOf(options.name, msg.subject, why));
          options.onEvent({ kind: "refused", subject: msg.subject, why });
        } catch (defect) {
          // The client would stop reading and say so on its own console.
          options.onEvent({ kind: "defect", error: defect });
        }
      };
      nc.subscribe(subject, { callback });
    },
    flush: () => nc.flush(),
    request: requests(nc, options.inbox),
    counts,
    refused: () => refusals.all,
    close: () => close(nc, link),
  };
};

/** The server vouches for who speaks on a subject of a run; what a life of a coordinator is numbered says nothing of who it is. */
const refusalOf = (by: string, subject: string, why: Refusal): Refused => {
  const said = readSubject(subject);
  return { by, who: said === undefined ? "somebody" : userOf(said.from), what: `a message on ${subject}`, why, times: 1 };
};

const tracedBy = (traceparent: string) => {
  const traced = headers();
  traced.set("traceparent", traceparent);
  return traced;
};

/** Counts the bytes that the server has not confirmed; a ping behind them tells when it has. */
const confirmations = (nc: NatsConnection): { readonly admits: (bytes: number) => boolean } => {
  let unconfirmed = 0;
  let asking = false;
  const ask = async (): Promise<void> => {
    const covered = unconfirmed;
    try {
      await nc.flush();
      unconfirmed -= covered;
    } catch {
      // The connection broke, and all that was waiting went with it.
      unconfirmed = 0;
    }
    asking = false;
  };
  return {
    admits: (bytes) => {
      if (unconfirmed + bytes > busLimits.unconfirmedBytes) return false;
      unconfirmed += bytes;
      if (!asking && unconfirmed > busLimits.unconfirmedBytes / 2) {
        asking = true;
        void ask();
      }
      return true;
    },
  };
};

const replyOf = (msg: Msg): Reply => ({
  bytes: msg.data,
  status: msg.headers?.code ?? 0,
  header: (name) => msg.headers?.get(name) ?? "",
});

/** Requests over one inbox; the client's own take twice as long. */
const requests = (nc: NatsConnection, inbox: string): Bus["request"] => {
  // Bytes of another process must not answer for the server: the inbox cannot be guessed.
  const base = `${inbox}.${crypto.randomUUID()}`;
  const waiting = new Map<string, (reply: Reply | undefined) => void>();
  let last = 0;
  const callback = (error: Error | null, msg: Msg): void => {
    if (error === null) waiting.get(msg.subject)?.(replyOf(msg));
  };
  return (subject, bytes, timeoutMs, header) =>
    new Promise((resolve) => {
      if (last === 0) nc.subscribe(`${base}.*`, { callback });
      const reply = `${base}.${++last}`;
      const end = (answer: Reply | undefined): void => {
        clearTimeout(timer);
        waiting.delete(reply);
        resolve(answer);
      };
      // The connection keeps the process alive, not the wait.
      const timer = setTimeout(end, timeoutMs, undefined).unref();
      waiting.set(reply, end);
      const named = header && headers();
      if (header !== undefined) named?.set(header[0], header[1]);
      nc.publish(subject, bytes, { reply, ...(named && { headers: named }) });
    });
};
