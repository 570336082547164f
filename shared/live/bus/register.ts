// The register: one key of a JetStream bucket, changed by compare-and-set only.
//
// Bare requests, since a change must cost no more than a bare key update. An answer that was lost is asked for again with the very
// same change: its expected revision lets it happen at most once, and only an answer proves that an earlier copy of it is not
// still on its way. Reading in between would not prove that.
import { setTimeout as sleep } from "node:timers/promises";
import type { Register } from "../../protocol/messages.ts";
import { readRegister } from "../../protocol/wire/record.ts";
import type { Bus, Reply } from "./bus.ts";
import { bucketOf } from "./subjects.ts";

export const registerLimits = {
  /** An answer takes well below a millisecond; one that has not come by then is asked for again, with growing waits. */
  firstTimeoutMs: 100,
  timeoutCapMs: 2_000,
  /** Bytes that the bucket may grow to; one value is at most a message. */
  bucketBytes: 16 << 20,
  /** A bucket that cannot be made within this is reported. */
  createMs: 5_000,
} as const;

/** A revision is that of the stream's message; 0 is that of a register never written. */
export interface Registered {
  readonly revision: number;
  readonly record: Register | null;
}

/** The register cannot be used, and asking again would not help. */
export class RegisterFailed extends Error {
  readonly _tag = "RegisterFailed";
  override readonly name = "RegisterFailed";
}

export interface RegisterKey {
  /** Makes `record` the value if the revision is still this one; gives what it is then. Revision -1 only reads. */
  readonly propose: (revision: number, record: Register | null) => Promise<Registered>;
}

const nothing = new Uint8Array();
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** "wrong last sequence", as servers before and since 2.11 number it. */
const lostCodes: readonly unknown[] = [10071, 10164];

/** "no message found" */
const noMessageCode = 10037;

/** What JetStream says to a request: `seq` of a stored message, or the message that was asked for, or an error. */
interface Answer {
  readonly seq?: unknown;
  readonly message?: { readonly seq?: unknown; readonly data?: unknown };
  readonly error?: { readonly err_code?: unknown; readonly description?: unknown };
}

/** Undefined where the bytes are not JSON, which is never a value that anyone asks for here. */
const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(text.decode(bytes));
  } catch {
    return undefined;
  }
};

const answerOf = (reply: Reply): Answer => {
  if (reply.status !== 0) return { error: { description: `status ${reply.status}` } };
  const value = jsonOf(reply.bytes);
  return typeof value === "object" && value !== null ? value : { error: { description: "an answer that cannot be read" } };
};

const ask = (bus: Bus, subject: string, body: string, timeoutMs: number) => bus.request(subject, utf8.encode(body), timeoutMs);

/** Copies of the register: a majority of them must live, so an even number is no better than one less. JetStream keeps up to 5. */
export const copiesOn = (servers: number): number => Math.min(5, servers - ((servers + 1) % 2));

/** Makes the bucket. Copies are in files: they outlive a restart of the server, and cost no more than in memory. */
export const createRegister = async (bus: Bus, run: string): Promise<void> => {
  const { stream, subject } = bucketOf(run);
  const config = {
    name: stream,
    subjects: [subject.replace(/[^.]+$/, ">")],
    storage: "file",
    retention: "limits",
    discard: "new",
    num_replicas: copiesOn(bus.servers),
    max_msgs_per_subject: 1,
    max_bytes: registerLimits.bucketBytes,
    max_age: 0,
    deny_delete: true,
    allow_rollup_hdrs: true,
    allow_direct: true,
  };
  const reply = await ask(bus, `$JS.API.STREAM.CREATE.${stream}`, JSON.stringify(config), registerLimits.createMs);
  const answer = reply === undefined ? { error: { description: `no answer within ${registerLimits.createMs} ms` } } : answerOf(reply);
  if (answer.error === undefined) return;
  const hint = reply?.status === 503 ? ": its JetStream is not enabled (start it with -js)" : "";
  throw new RegisterFailed(`the NATS server would not make the register's bucket ${stream}: ${answer.error.description}${hint}`);
};

/** Removes the bucket. False if nobody confirmed it. */
export const removeRegister = async (bus: Bus, run: string): Promise<boolean> => {
  const reply = await ask(bus, `$JS.API.STREAM.DELETE.${bucketOf(run).stream}`, "", registerLimits.createMs);
  return reply !== undefined && answerOf(reply).error === undefined;
};

const registered = (revision: number, value: unknown): Registered => {
  const record = readRegister(value);
  if (typeof record === "string") throw new RegisterFailed(`the register holds ${record}`);
  return { revision, record };
};

/** Hears why something is asked again. */
type Hear = (why: string) => void;

/**
 * The register of a run whose bucket exists. It asks for as long as `signal` lets it; `onRetry` hears of every answer that did not
 * come or did not help.
 */
export const openRegister = (bus: Bus, run: string, signal: AbortSignal, onRetry: Hear, copies = copiesOn(bus.servers)): RegisterKey => {
  const { stream, subject } = bucketOf(run);

  /** A race with one lasting promise of the end would keep something of every answer until then. */
  const unlessAborted = <A>(answer: Promise<A>): Promise<A> =>
    new Promise((resolve, reject) => {
      const abort = (): void => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    });

  /** Asks until `settle` makes something of an answer. */
  const insist = async <A>(
    request: (timeoutMs: number) => Promise<Reply | undefined>,
    settle: (reply: Reply) => A | string,
  ): Promise<A> => {
    for (let timeoutMs: number = registerLimits.firstTimeoutMs; ; timeoutMs = Math.min(2 * timeoutMs, registerLimits.timeoutCapMs)) {
      signal.throwIfAborted();
      const asked = performance.now();
      const reply = await unlessAborted(request(timeoutMs));
      const settled = reply === undefined ? `no answer within ${timeoutMs} ms` : settle(reply);
      if (typeof settled !== "string") return settled;
      onRetry(settled);
      await sleep(Math.max(0, timeoutMs - (performance.now() - asked)), undefined, { signal });
    }
  };

  /** Of several copies any one may answer, and be behind. */
  const readAny = (timeoutMs: number) => bus.request(`$JS.API.DIRECT.GET.${stream}.${subject}`, nothing, timeoutMs);

  const settleAny = (reply: Reply): Registered | string => {
    if (reply.status === 404) return { revision: 0, record: null };
    if (reply.status !== 0) return `status ${reply.status}`;
    return registered(Number(reply.header("Nats-Sequence")), jsonOf(reply.bytes));
  };

  /** The leader of the copies, which has taken every change that was confirmed. */
  const readLeader = (timeoutMs: number) =>
    ask(bus, `$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify({ last_by_subj: subject }), timeoutMs);

  const settleLeader = (reply: Reply): Registered | string => {
    const { error, message } = answerOf(reply);
    if (error?.err_code === noMessageCode) return { revision: 0, record: null };
    if (error !== undefined) return String(error.description);
    if (message === undefined) return "an answer without a message";
    return registered(Number(message.seq), jsonOf(Buffer.from(String(message.data), "base64")));
  };

  /** The new revision, or 0 for a change that was too late. */
  const settleChange = (reply: Reply): number | string => {
    const { seq, error } = answerOf(reply);
    if (error !== undefined) return lostCodes.includes(error.err_code) ? 0 : String(error.description);
    return typeof seq === "number" ? seq : "an answer without a revision";
  };

  const read = () => (copies > 1 ? insist(readLeader, settleLeader) : insist(readAny, settleAny));

  return {
    propose: async (revision, record) => {
      if (revision < 0 || record === null) return read();
      const value = utf8.encode(JSON.stringify(record));
      const expected = ["Nats-Expected-Last-Subject-Sequence", String(revision)] as const;
      const won = await insist((timeoutMs) => bus.request(subject, value, timeoutMs, expected), settleChange);
      return won > 0 ? { revision: won, record } : read();
    },
  };
};
