// The server of the page: its files, recorded runs to read, and one way to steer, each behind the checks that it needs.
//
// It answers to the loopback unless it is told otherwise. A page of somebody else, open in the same browser, must not reach it: a name
// that was made to point here (DNS rebinding) is refused by the Host header, a request from another page by its Origin.
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { BadInput } from "../../shared/machine/badInput.ts";
import type { Standing } from "../../shared/page/present.ts";
import { answer, answerJson, answerProblem, type Exchange, Refused, reportPolicy } from "./answer.ts";
import { apiLimits, type Choices, type Live, type Order } from "./api.ts";
import { comparisonOf, experimentOf } from "./experiment.ts";
import { readOrder } from "./order.ts";
import type { Page } from "./page.ts";
import { listRuns, runFile } from "./runs.ts";
import { isToken } from "./token.ts";
import { TraceDesk } from "./traceDesk.ts";

/** Whoever steers the machine for the page. */
export interface Steering {
  readonly live: () => Live;
  readonly standing: () => Standing | null;
  readonly choices: () => Choices;
  /** Throws `Refused` or `BadInput` where it cannot be carried out. */
  readonly obey: (order: Order) => void;
}

export interface ServerOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly page: Page;
  readonly token: string;
  /** Where run folders are. */
  readonly out: string;
  readonly steering: Steering;
}

/** What requests are answered from. */
interface Office extends ServerOptions {
  readonly desk: TraceDesk;
}

export interface Served {
  /** Where the page is. */
  readonly url: string;
  /** The page as a browser names where it is from. */
  readonly origins: readonly string[];
  readonly close: () => Promise<void>;
}

/** An address in numbers cannot be made to point elsewhere, and the name that was given is one that its owner trusts. */
const isOurs = (host: string, given: string): boolean => {
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return name.toLowerCase() === given.toLowerCase() || name === "localhost" || isIP(name) !== 0;
};

const checkSender = ({ headers }: IncomingMessage, given: string): void => {
  if (headers.host === undefined || !isOurs(headers.host, given))
    throw new Refused(403, "this server answers to localhost or to an address in numbers");
};

/** A browser says from which page a request comes; what is no browser says nothing. */
const checkOrigin = ({ headers }: IncomingMessage): void => {
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
    throw new Refused(403, "a page of somebody else may not steer");
};

/** An answer costs work, and a page of somebody else could ask for many although it may read none. */
const checkSite = ({ headers }: IncomingMessage): void => {
  if (headers["sec-fetch-site"] === "cross-site") throw new Refused(403, "a page of somebody else may not ask");
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  if (request.headers["content-type"]?.split(";")[0] !== "application/json") throw new Refused(415, "an order is application/json");
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > apiLimits.orderBytes) throw new Refused(413, `an order has at most ${apiLimits.orderBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
};

const control = async (exchange: Exchange, { token, steering }: ServerOptions): Promise<void> => {
  const { request } = exchange;
  checkOrigin(request);
  if (!isToken(token, request.headers.authorization)) throw new Refused(401, "steering needs the token that serve has printed");
  steering.obey(readOrder(await bodyOf(request)));
  answerJson(exchange, steering.live());
};

const queryOf = ({ request }: Exchange): URLSearchParams => new URLSearchParams(request.url?.split("?")[1] ?? "");

const readOnly = async (exchange: Exchange, path: string, { page, out, steering, desk }: Office): Promise<void> => {
  const [, api, kind, id, file, ...more] = path.split("/");
  if (api !== "api") {
    const found = page.get(path);
    if (found === undefined) throw new Refused(404, "there is no such page");
    return answer(exchange, 200, found.type, found.bytes);
  }
  if (kind === "live" && id === undefined) return answerJson(exchange, steering.live());
  if (kind === "live" && id === "standing" && file === undefined) return answerJson(exchange, steering.standing());
  if (kind === "choices" && id === undefined) return answerJson(exchange, steering.choices());
  if (kind === "experiment" && id === undefined) return answerJson(exchange, experimentOf(queryOf(exchange)));
  if (kind === "comparison" && id === undefined) return answerJson(exchange, comparisonOf(queryOf(exchange)));
  if (kind === "runs" && id === undefined) return answerJson(exchange, listRuns(out));
  if (kind !== "runs" || id === undefined || file === undefined || more.length > 0) throw new Refused(404, "there is nothing of this name");
  const { type, bytes, gzip } = await runFile(out, id, file, desk);
  const own = file === "report.html" ? { "content-security-policy": reportPolicy } : {};
  answer(exchange, 200, type, bytes, { ...own, ...(gzip && { "content-encoding": "gzip" }) });
};

const handle = async (exchange: Exchange, options: Office): Promise<void> => {
  const { request } = exchange;
  checkSender(request, options.host);
  // Never decoded: no name that is served has anything in it that would have to be.
  const path = (request.url ?? "/").split("?")[0] as string;
  if (path === "/api/control") {
    if (request.method !== "POST") throw new Refused(405, "an order is POSTed");
    return control(exchange, options);
  }
  if (request.method !== "GET" && request.method !== "HEAD") throw new Refused(405, "there is nothing here but to read");
  if (path.startsWith("/api/")) checkSite(request);
  return readOnly(exchange, path, options);
};

/** What a person can mend by another flag. */
const problems: Readonly<Record<string, readonly ["--port" | "--host", string]>> = {
  EADDRINUSE: ["--port", "is in use: give another, or 0 for any that is free"],
  EACCES: ["--port", "may not be used by you: give one from 1024 on"],
  ENOTFOUND: ["--host", "is unknown"],
  EAI_AGAIN: ["--host", "cannot be looked up"],
  EADDRNOTAVAIL: ["--host", "is no address of this machine"],
};

const badInput = (error: NodeJS.ErrnoException, { port, host }: ServerOptions): Error => {
  const problem = problems[error.code ?? ""];
  if (problem === undefined) return error;
  const [flag, text] = problem;
  return new BadInput(flag, "", `${flag === "--port" ? port : host} ${text}`);
};

const listening = (server: Server, options: ServerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (error) => reject(badInput(error, options)));
    server.listen(options.port, options.host, resolve);
  });

export const openServer = async (options: ServerOptions): Promise<Served> => {
  const desk = new TraceDesk();
  const server = createServer({ requestTimeout: apiLimits.requestMs, headersTimeout: apiLimits.requestMs }, (request, response) => {
    const exchange = { request, response };
    handle(exchange, { ...options, desk }).catch((error: unknown) => answerProblem(exchange, error));
  });
  server.maxConnections = apiLimits.connections;
  await listening(server, options);
  const { port } = server.address() as AddressInfo;
  const name = isIP(options.host) === 6 ? `[${options.host}]` : options.host;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      desk.close();
      server.close(() => resolve());
      // An open tab keeps nobody waiting.
      server.closeAllConnections();
    });
  const origins = [name, "127.0.0.1", "localhost"].map((one) => `http://${one}:${port}`);
  return { url: `http://${name}:${port}`, origins: [...new Set(origins)], close };
};
