// How the server answers: the headers that every answer has, JSON, and problems with a status.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Problem } from "./api.ts";

/** Why a request is refused. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The page loads what this server has, and talks to this server and to brokers of this machine. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "worker-src 'self'",
  "connect-src 'self' ws://127.0.0.1:*",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A report has its styles and pictures within it, and asks for nothing. */
export const reportPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

const always: Readonly<Record<string, string>> = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export const answer = (
  { request, response }: Exchange,
  status: number,
  type: string,
  body: Uint8Array | string,
  more: Readonly<Record<string, string>> = {},
): void => {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, { ...always, "content-type": type, "content-length": bytes.length, ...more });
  response.end(request.method === "HEAD" ? undefined : bytes);
};

export const answerJson = (exchange: Exchange, value: unknown): void =>
  answer(exchange, 200, "application/json; charset=utf-8", JSON.stringify(value));

/** What is not a refusal is an error of this program, and for its own terminal. */
export const answerProblem = (exchange: Exchange, error: unknown): void => {
  const { status, message } = error instanceof Refused ? error : new Refused(500, "an internal error: the terminal of serve says more");
  if (status === 500) process.stderr.write(`quiesce: internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
  if (exchange.response.headersSent) exchange.response.destroy();
  else answer(exchange, status, "application/json; charset=utf-8", JSON.stringify({ error: message } satisfies Problem));
};
