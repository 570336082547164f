// What a NATS server did not let through, by its log: whoever was refused is told, and nobody else.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const limits = {
  /** Bytes of a log that are read: whoever is refused without end is not counted without end. */
  logBytes: 64 << 20,
  /** Different ones that are told in words. */
  told: 5,
} as const;

export interface Denials {
  readonly count: number;
  /** The first of them, each kind once: who wanted what. */
  readonly told: readonly string[];
  /** Connections that it cut off because too much waited for them. They come back by themselves. */
  readonly slow: number;
}

const violation = /\[ERR\] .* - (Publish|Subscription) Violation - User "([^"]*)", Subject "([^"]*)"/;
const stranger = /\[ERR\] .* - authentication error/;

const slowConsumer = / - Slow Consumer Detected: /;

const textOf = (line: string): string | undefined => {
  const [, what, user, subject] = violation.exec(line) ?? [];
  if (what !== undefined) return `${user} may not ${what === "Publish" ? "publish on" : "listen to"} ${subject}`;
  return stranger.test(line) ? "somebody without a user's password was not let in" : undefined;
};

/** A log that is not there tells of none. */
export const denialsIn = async (log: string): Promise<Denials> => {
  const told = new Set<string>();
  let count = 0;
  let slow = 0;
  const source = createReadStream(log, { end: limits.logBytes - 1 });
  source.on("error", () => undefined);
  for await (const line of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (slowConsumer.test(line)) slow++;
    const text = textOf(line);
    if (text === undefined) continue;
    count++;
    if (told.size < limits.told) told.add(text);
  }
  return { count, told: [...told], slow };
};
