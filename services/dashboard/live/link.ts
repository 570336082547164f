// The page on the bus: a connection of its own to the run's broker, as a viewer, which may listen and nothing else.
//
// The run never waits for it. What arrives faster than it can be taken is the broker's to drop; when the run, or its broker, is gone, what
// was heard stays. A page that joins late first asks the server of the page what has been, and then goes on from what it has heard since.
import { type NatsConnection, wsconnect } from "@nats-io/nats-core";
import { readIncoming } from "../../../shared/live/bus/reading.ts";
import { subjectsOf } from "../../../shared/live/bus/subjects.ts";
import { unsealWith } from "../../../shared/live/bus/unseal.ts";
import { readView } from "../../../shared/live/bus/viewFrame.ts";
import type { Film } from "../../../shared/page/film.ts";
import type { Standing } from "../../../shared/page/present.ts";
import type { Join, LiveRun } from "../../serve/api.ts";
import { askJson } from "../background/ask.ts";
import { crc32 } from "./crc32.ts";

/** What came before anybody knew when, or what had been: more is left out. */
const mostEarly = 10_000;

const unseal = unsealWith(crc32);

interface Said {
  readonly arrivedMs: number;
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/** Null where the server of the page cannot say, or tells of another run by now: then only what is heard is known. */
const standingOf = async (run: string): Promise<Standing | null> => {
  const standing = await askJson<Standing | null>("live/standing").catch(() => null);
  return standing?.run === run ? standing : null;
};

export class Link {
  private readonly film: Film;
  private readonly run: string;
  private readonly layout: { readonly cpus: number; readonly hosts: number };
  private readonly viewSubject: string;
  private connection: NatsConnection | undefined;
  private isClosed = false;
  /** The run's zero on the page's own clock, in ms: the earliest that any frame of the driver speaks for. */
  private zeroMs = Number.POSITIVE_INFINITY;
  /** Whether it is known what had been. */
  private hasJoined = false;
  private early: Said[] = [];

  constructor(film: Film, { cpus, hosts, run }: LiveRun) {
    this.film = film;
    this.run = run;
    this.layout = { cpus, hosts };
    this.viewSubject = subjectsOf(run).view;
  }

  /** Resolves when the connection has ended, whoever ended it. */
  async open({ webSocket, user, password }: Join): Promise<void> {
    const connection = await wsconnect({
      servers: webSocket,
      user,
      pass: password,
      name: "page",
      // Only the server of the page knows whether there is still a broker.
      reconnect: false,
      noAsyncTraces: true,
    });
    this.connection = connection;
    if (this.isClosed) this.close();
    connection.subscribe(subjectsOf(this.run).everything, {
      callback: (error, { subject, data }) => {
        if (error === null) this.take(subject, data);
      },
    });
    // Whatever is said after this is heard, and what was said before the server has heard.
    await connection.flush();
    const standing = await standingOf(this.run);
    if (standing !== null) this.film.join(standing);
    this.hasJoined = true;
    await connection.closed();
  }

  close(): void {
    this.isClosed = true;
    void this.connection?.close();
  }

  private take(subject: string, bytes: Uint8Array): void {
    const said: Said = { arrivedMs: performance.now(), subject, bytes };
    const frame = subject === this.viewSubject ? readView(bytes) : undefined;
    // Before power-on there is no time.
    if (frame !== undefined && frame.at > 0) this.zeroMs = Math.min(this.zeroMs, said.arrivedMs - frame.at / 1e6);
    if (!this.hasJoined || this.zeroMs === Number.POSITIVE_INFINITY) return this.keep(said);
    // Frames come all the time, and with them what came early gets its turn.
    for (const early of this.early.splice(0)) this.hear(early);
    this.hear(said);
  }

  private keep(said: Said): void {
    if (this.early.length < mostEarly) this.early.push(said);
    else this.film.losses.messages++;
  }

  private hear({ arrivedMs, subject, bytes }: Said): void {
    if (subject === this.viewSubject) {
      const frame = readView(bytes);
      if (frame !== undefined && frame.at > 0) this.film.see(frame);
      return;
    }
    const incoming = readIncoming(unseal, this.layout, subject, bytes);
    if (typeof incoming === "string") this.film.losses.refused++;
    else this.film.hear(incoming, Math.max(0, arrivedMs - this.zeroMs) * 1e6);
  }
}
