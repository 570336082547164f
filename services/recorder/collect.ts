// Collects the journals of a run that is spread over hosts: from its stream into a file for each part.
//
// A piece says where in its part it begins, so it makes no difference how often it comes: whoever goes on after an interruption writes
// the same bytes to the same place. A piece that never came leaves zeros, which no reader of journals takes for a line.
//
// Pieces are also heard as they are said: while no server leads the stream it takes nothing, and a process that dies before it can say a
// piece again has said it to those who listen.
import { closeSync, constants, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { JsMsg } from "@nats-io/jetstream";
import { type Refused, RefusedTally } from "../../shared/journal/refused.ts";
import { journalsSubject } from "../../shared/live/bus/subjects.ts";
import { follow } from "../../shared/live/membership/follow.ts";
import { insist, journalStream, type Store } from "../../shared/live/membership/store.ts";
import { partFilesIn } from "./parts.ts";

const collectLimits = {
  /** Parts that one user may have: each life of a process has one. */
  parts: 1_000,
  /** Bytes that the parts of one user may reach to, holes and all: twice what the stream keeps of all together. */
  bytes: 512 << 20,
  /** A stream of which nothing has come for so long will not come. */
  silentMs: 60_000,
} as const;

/** What a user has here by now: where each part ends. */
type Kept = Map<string, number>;

const ownerOf = (part: string): string => /^(coordinator|host-\d+)-\d+/.exec(part)?.[1] ?? "";

/** The server lets a process publish on its own subject only: quiesce-journal.RUN.USER.PART. */
const speakerOf = (subject: string): string => subject.split(".")[2] ?? "";

/** The name of a part and where in it the piece begins; undefined of anything that is not a piece. */
const placeOf = (id: string): readonly [part: string, from: number] | undefined => {
  const [, part, from] = /^((?:coordinator|host-\d{1,4})-\d{1,15})@(\d{1,15})@[\w-]{1,64}$/.exec(id) ?? [];
  return part === undefined ? undefined : [part, Number(from)];
};

/** Neither truncates what is there nor appends to it. */
const flags = constants.O_WRONLY | constants.O_CREAT;

type Piece = Pick<JsMsg, "subject" | "data"> & Partial<Pick<JsMsg, "headers">>;

const tooMuch = "more than is kept of one";

/** Keeps the pieces of a run in a directory, and says of each that it does not keep whose it was and why. */
export class PieceKeeper {
  private readonly directory: string;
  private readonly kept = new Map<string, Kept>();
  private readonly tally = new RefusedTally();
  private readonly lost = new Set<string>();

  /** What an earlier life has kept there stays. */
  constructor(directory: string) {
    this.directory = directory;
    for (const name of readdirSync(directory)) {
      const part = name.replace(/\.ndjson$/, "");
      if (ownerOf(part) !== "") this.of(ownerOf(part)).set(part, statSync(join(directory, name)).size);
    }
  }

  keep(piece: Piece): void {
    const why = this.put(piece);
    if (why === undefined) return;
    const owner = speakerOf(piece.subject);
    if (why === tooMuch) this.lost.add(owner);
    this.tally.add({ by: "the recorder", who: owner, what: "a piece of a journal", why, times: 1 });
  }

  /** Keeps what is said from now on. Whatever of it is refused comes from the stream as well, and is told then. */
  hear({ connection, run }: Pick<Store, "connection" | "run">): void {
    connection.subscribe(journalsSubject(run), {
      callback: (error, msg) => {
        if (error === null) this.put(msg);
      },
    });
  }

  /** Says why not, if it is not kept. */
  private put({ headers, subject, data }: Piece): string | undefined {
    const owner = speakerOf(subject);
    const place = placeOf(headers?.get("Nats-Msg-Id") ?? "");
    if (place === undefined) return "says not where it belongs";
    const [part, from] = place;
    if (ownerOf(part) !== owner) return "belongs to the journal of another";
    if (!this.reserve(owner, part, from + data.length)) return tooMuch;
    const file = openSync(join(this.directory, `${part}.ndjson`), flags, 0o644);
    for (let done = 0; done < data.length; ) done += writeSync(file, data, done, data.length - done, from + done);
    closeSync(file);
    return undefined;
  }

  get refusals(): readonly Refused[] {
    return this.tally.all;
  }

  /** Why the journals may not be all. */
  get doubts(): readonly string[] {
    return [...this.lost].map((owner) => `some of the journal of ${owner} is not kept: it has more than a run may`);
  }

  private of(owner: string): Kept {
    const kept = this.kept.get(owner) ?? new Map<string, number>();
    this.kept.set(owner, kept);
    return kept;
  }

  /** A hole counts as well: whoever reads the part reads the zeros in it. */
  private reserve(owner: string, part: string, end: number): boolean {
    const kept = this.of(owner);
    const before = kept.get(part);
    if (before === undefined && kept.size >= collectLimits.parts) return false;
    const others = [...kept.values()].reduce((sum, bytes) => sum + bytes, 0) - (before ?? 0);
    if (others + Math.max(end, before ?? 0) > collectLimits.bytes) return false;
    kept.set(part, Math.max(end, before ?? 0));
    return true;
  }
}

export interface Collected {
  /** The files of the parts. */
  readonly journals: readonly string[];
  readonly refusals: readonly Refused[];
  readonly doubts: readonly string[];
}

/** All that the stream has by now, beside what has been heard. */
export const collectAll = async (store: Store, directory: string, keeper: PieceKeeper): Promise<Collected> => {
  const stream = journalStream(store.run);
  const doubts: string[] = [];
  const { state } = await insist("tell how much of the journals it has", () => store.manager.streams.info(stream));
  if (state.messages > 0) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const giveUp = setTimeout(() => {
      doubts.push(`the journals could not be read to their end: nothing has come for ${collectLimits.silentMs / 1_000} s`);
      resolve();
    }, collectLimits.silentMs);
    const following = follow(store, stream, journalsSubject(store.run), (msg) => {
      keeper.keep(msg);
      giveUp.refresh();
      if (msg.seq >= state.last_seq) resolve();
    });
    await promise;
    clearTimeout(giveUp);
    following.stop();
  }
  return { journals: partFilesIn(directory), refusals: keeper.refusals, doubts: [...keeper.doubts, ...doubts] };
};
