// What a NATS server did not let through, by its log: whoever was refused is told, and nobody else.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { type Refused, RefusedTally } from "../../journal/refused.ts";
import { bucketOf } from "../bus/subjects.ts";

/** Bytes of a log that are read: whoever is refused without end is not counted without end. */
const logBytes = 64 << 20;

/** A log of which a run is told: from where on, and of a server that others use as well, only what is about the run or nobody's. */
export interface DenialLog {
  readonly path: string;
  readonly from: number;
  readonly run: string | null;
  /** Whose each public key is. */
  readonly users: ReadonlyMap<string, string>;
}

export interface Denials {
  readonly count: number;
  readonly refusals: readonly Refused[];
  /** Connections that it cut off because too much waited for them. They come back by themselves. */
  readonly slow: number;
}

const violation = /\[ERR\] .* - (Publish|Subscription) Violation - (?:User|Nkey) "([^"]*)", Subject "([^"]*)"/;
const stranger = /\[ERR\] .* - authentication error/;

const slowConsumer = / - Slow Consumer Detected: /;

/** A name of a run is a part of its subjects, alone or in the names of its bucket and streams. */
const isOf = (run: string, subject: string): boolean => {
  const { stream } = bucketOf(run);
  const names = [run, stream, stream.replace(/^KV_/, "")];
  return subject.split(".").some((part) => names.includes(part) || part.startsWith(`quiesce-${run}-`));
};

const refusalIn = (line: string, { run, users }: DenialLog): Omit<Refused, "times"> | undefined => {
  const [, how, name = "", subject = ""] = violation.exec(line) ?? [];
  const by = "the NATS server";
  if (how === undefined)
    return stranger.test(line) ? { by, who: "a stranger", what: "a connection", why: "no user's password or key" } : undefined;
  if (run !== null && !isOf(run, subject)) return undefined;
  return {
    by,
    who: users.get(name) ?? name,
    what: `${how === "Publish" ? "to publish on" : "to listen to"} ${subject}`,
    why: "not permitted",
  };
};

/** A log that is not there tells of none. */
export const denialsIn = async (log: DenialLog): Promise<Denials> => {
  const tally = new RefusedTally();
  let count = 0;
  let slow = 0;
  const source = createReadStream(log.path, { start: log.from, end: log.from + logBytes - 1 });
  source.on("error", () => undefined);
  for await (const line of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (slowConsumer.test(line)) slow++;
    const refusal = refusalIn(line, log);
    if (refusal === undefined) continue;
    count++;
    tally.add({ ...refusal, times: 1 });
  }
  return { count, refusals: tally.all, slow };
};
