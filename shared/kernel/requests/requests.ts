// Requests on one CPU: where they stand in the plan of arrivals, which task serves which, and what is written down of each.
//
// Nobody keeps a queue: what waits are the arrivals from the next one that nobody has taken up to now, in the order of the plan.
import { type ArrivalSource, type Cursor, copyCursor, firstArrival, passArrival, passUntil } from "./arrivals.ts";
import { addRow, column, emptyLog, type RequestLog } from "./log.ts";
import { copyStalls, forgetStalls, noStalls, type Stalls, stalledNs } from "./stalls.ts";

/** A user task as a server. */
export interface Server {
  /** The request that it has in hand, by its number; -1: none. */
  id: number;
  intended: number;
  taken: number;
  /** For how long it has been held at the boundary with it, less the moment since when it is. */
  heldNs: number;
  redoneNs: number;
}

export interface Requests {
  readonly source: ArrivalSource;
  /** The next arrival that nobody has taken. */
  readonly untaken: Cursor;
  /** As far as arrivals have been counted. */
  readonly counted: Cursor;
  /** The number of the first that came in this life. */
  readonly first: number;
  answered: number;
  /** The user tasks of the CPU, in their order. */
  readonly servers: readonly Server[];
  readonly stalls: Stalls;
  /** Null in a copy that only looks ahead. */
  readonly log: RequestLog | null;
}

/** What a CPU's life has seen of requests: each that arrived is in one of the other places. */
export interface RequestCounts {
  readonly arrived: number;
  readonly answered: number;
  readonly queued: number;
  readonly inService: number;
}

/** Those of a life that begins at `at`: what was to arrive before came to a CPU that was down. */
export const requestsFrom = (source: ArrivalSource, cpu: number, servers: number, at: number): Requests => {
  const untaken = firstArrival(source, cpu);
  passUntil(untaken, source, at - 1);
  return {
    source,
    untaken,
    counted: copyCursor(untaken),
    first: untaken.n,
    answered: 0,
    servers: Array.from({ length: servers }, () => ({ id: -1, intended: 0, taken: 0, heldNs: 0, redoneNs: 0 })),
    stalls: noStalls(),
    log: emptyLog(),
  };
};

/** Does what this would, and writes nothing down. */
export const copyRequests = (requests: Requests): Requests => ({
  ...requests,
  untaken: copyCursor(requests.untaken),
  counted: copyCursor(requests.counted),
  servers: requests.servers.map((server) => ({ ...server })),
  stalls: copyStalls(requests.stalls),
  log: null,
});

export const isIdle = (server: Server): boolean => server.id < 0;

/** The server takes the next request, which has arrived. */
export const takeRequest = ({ untaken, source }: Requests, server: Server, now: number): void => {
  if (!isIdle(server) || untaken.nextAt > now) throw new Error(`no request to take at ${now} ns, or no hand for it`);
  server.id = untaken.n;
  server.intended = untaken.nextAt;
  server.taken = now;
  server.heldNs = 0;
  server.redoneNs = 0;
  passArrival(untaken, source);
};

/** The user task of this index is held at the boundary from now on (`-now`), or let go (`now`). */
export const noteHeld = ({ servers }: Requests, index: number, signedNow: number): void => {
  const server = servers[index];
  if (server !== undefined) server.heldNs += signedNow;
};

/** The server is done with what it has in hand. */
export const answer = (requests: Requests, server: Server, now: number): void => {
  requests.answered++;
  if (requests.log !== null) writeDown(requests.stalls, requests.log, server, now);
  server.id = -1;
};

/**
 * The time from the intended start is cut in two where the request was taken up. In its own service it counts as held only while its
 * server was. What was so at once counts once: as a stop, else as a wait for another CPU, else as held.
 */
const writeDown = ({ held, stopped, spun }: Stalls, log: RequestLog, server: Server, now: number): void => {
  const { id, intended, taken } = server;
  const at = addRow(log);
  const { rows } = log;
  const stoppedBefore = stalledNs(stopped, intended, taken);
  const stoppedSince = stalledNs(stopped, taken, now);
  const spunBefore = Math.min(stalledNs(spun, intended, taken), taken - intended - stoppedBefore);
  const spunSince = Math.min(stalledNs(spun, taken, now), now - taken - stoppedSince);
  const heldBefore = Math.max(0, stalledNs(held, intended, taken) - stoppedBefore - spunBefore);
  const heldSince = Math.max(0, server.heldNs - stoppedSince - spunSince);
  rows[at + column.id] = id;
  rows[at + column.intended] = intended;
  rows[at + column.taken] = taken;
  rows[at + column.done] = now;
  rows[at + column.stopped] = stoppedBefore + stoppedSince;
  rows[at + column.held] = heldBefore + heldSince;
  rows[at + column.spun] = spunBefore + spunSince;
  rows[at + column.redone] = server.redoneNs;
};

/** Counts what has arrived up to now, that moment included. */
export const countRequests = ({ counted, untaken, source, first, answered, servers }: Requests, now: number): RequestCounts => {
  passUntil(counted, source, now);
  const arrived = counted.n - first;
  const taken = untaken.n - first;
  return { arrived, answered, queued: arrived - taken, inService: servers.filter((server) => !isIdle(server)).length };
};

/** Hands the rows out to be read at once, and begins anew; what no request can reach back to any more is forgotten. */
export const drainLog = (requests: Requests, read: (rows: Float64Array, count: number) => void): void => {
  const { log, untaken, servers, stalls } = requests;
  if (log === null) throw new Error("a copy of a life writes nothing down");
  read(log.rows, log.count);
  log.count = 0;
  forgetStalls(
    stalls,
    servers.reduce((oldest, server) => (isIdle(server) ? oldest : Math.min(oldest, server.intended)), untaken.nextAt),
  );
};
