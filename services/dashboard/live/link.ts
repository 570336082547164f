// The page on the bus: a connection of its own to the run's broker, as a viewer, which may listen and nothing else.
//
// The run never waits for it. What arrives faster than it can be taken is the broker's to drop; when the run, or its broker, is gone, what
// was heard stays.
import { type NatsConnection, wsconnect } from "@nats-io/nats-core";
import { readIncoming } from "../../../shared/live/bus/reading.ts";
import { subjectsOf } from "../../../shared/live/bus/subjects.ts";
import { unsealWith } from "../../../shared/live/bus/unseal.ts";
import { readView } from "../../../shared/live/bus/viewFrame.ts";
import type { Join, LiveRun } from "../../serve/api.ts";
import { crc32 } from "./crc32.ts";
import type { Film } from "./film.ts";

/** Frames that came before anybody knew when: more are left out. */
const mostUndated = 10_000;

const unseal = unsealWith(crc32);

interface Undated {
  readonly arrivedMs: number;
  readonly subject: string;
  readonly bytes: Uint8Array;
}

export class Link {
  /** Frames that were none. */
  refused = 0;
  private readonly film: Film;
  private readonly layout: { readonly cpus: number; readonly hosts: number };
  private readonly viewSubject: string;
  private connection: NatsConnection | undefined;
  private isClosed = false;
  /** The run's zero on the page's own clock, in ms: the earliest that any frame of the driver speaks for. */
  private zeroMs = Number.POSITIVE_INFINITY;
  private undated: Undated[] = [];

  constructor(film: Film, { cpus, hosts, run }: LiveRun) {
    this.film = film;
    this.layout = { cpus, hosts };
    this.viewSubject = subjectsOf(run).view;
  }

  /** Resolves when the connection has ended, whoever ended it. */
  async open({ webSocket, user, password }: Join, run: string): Promise<void> {
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
    connection.subscribe(subjectsOf(run).everything, {
      callback: (error, { subject, data }) => {
        if (error === null) this.take(subject, data);
      },
    });
    await connection.closed();
  }

  close(): void {
    this.isClosed = true;
    void this.connection?.close();
  }

  private take(subject: string, bytes: Uint8Array): void {
    if (subject === this.viewSubject) return this.see(bytes);
    const arrivedMs = performance.now();
    if (this.zeroMs < Number.POSITIVE_INFINITY) this.hear({ arrivedMs, subject, bytes });
    else if (this.undated.length < mostUndated) this.undated.push({ arrivedMs, subject, bytes });
  }

  private hear({ arrivedMs, subject, bytes }: Undated): void {
    const incoming = readIncoming(unseal, this.layout, subject, bytes);
    if (typeof incoming === "string") this.refused++;
    else this.film.hear(incoming, Math.max(0, arrivedMs - this.zeroMs) * 1e6);
  }

  private see(bytes: Uint8Array): void {
    const frame = readView(bytes);
    // Before power-on there is no time.
    if (frame === undefined || frame.at === 0) return;
    this.zeroMs = Math.min(this.zeroMs, performance.now() - frame.at / 1e6);
    for (const one of this.undated.splice(0)) this.hear(one);
    this.film.see(frame);
  }
}
