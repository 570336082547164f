// The token that lets somebody steer: drawn anew for each start of the server, or given by QUIESCE_TOKEN.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { BadInput } from "../../shared/machine/badInput.ts";

/** Characters of a token that somebody chose: fewer could be guessed, more are a mistake. */
const shortest = 16;
const longest = 256;

const drawnToken = (): string => randomBytes(24).toString("base64url");

export const tokenFrom = (environment: NodeJS.ProcessEnv): string => {
  const given = environment.QUIESCE_TOKEN;
  if (given === undefined || given === "") return drawnToken();
  if (/^[\w-]+$/.test(given) && given.length >= shortest && given.length <= longest) return given;
  throw new BadInput("", "QUIESCE_TOKEN", `expected ${shortest} to ${longest} letters, digits, - or _`);
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Takes as long for a token that is right in part as for any other. */
export const isToken = (token: string, header: string | undefined): boolean =>
  header !== undefined && timingSafeEqual(digest(`Bearer ${token}`), digest(header));
