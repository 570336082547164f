// A process's own journal as a part of the run's journal stream, for processes on other machines.
//
// Its bytes leave on the same connection as the turn's outputs and before them, so whatever others have heard, the server has the
// journal of: a killed process leaves what it has said. Each piece is named by where in the part it begins. So it makes no difference
// that one is sent again whose answer was lost, nor in which order they arrive, and one that is missing leaves a hole that shows.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bus, Reply } from "../bus/bus.ts";
import { journalSubject } from "../bus/subjects.ts";
import type { JournalText } from "./journalFile.ts";
import { report } from "./pipe.ts";

const partLimits = {
  /** Bytes of one message: half of what a server takes at most. */
  pieceBytes: 1 << 19,
  /** Bytes that the stream has not confirmed yet. What is written beyond that is lost. */
  waitingBytes: 64 << 20,
  /** From one attempt to the next. */
  againMs: 1_000,
  /** What is not confirmed so long after the end is lost: longer than servers take to choose the one that leads (4 to 9 s). */
  closeMs: 12_000,
} as const;

/** "another copy of it is under way" (409): as with "not now" (5xx), asking again tells what came of it. */
const isPassing = (code: unknown): boolean => code === 409 || (typeof code === "number" && code >= 500);

/**
 * What JetStream says of a piece. Of one that the servers are still about to agree on, a copy is confirmed without a place: that
 * says nothing of whether they will.
 */
export const answered = ({ status, bytes }: Pick<Reply, "status" | "bytes">): "taken" | "refused" | "later" => {
  if (status !== 0) return "later";
  const { error, seq } = JSON.parse(new TextDecoder().decode(bytes)) as {
    readonly error?: { readonly code?: unknown };
    readonly seq?: unknown;
  };
  if (error !== undefined) return isPassing(error.code) ? "later" : "refused";
  return typeof seq === "number" && seq > 0 ? "taken" : "later";
};

class JournalPart implements JournalText {
  private readonly bus: Bus;
  private readonly subject: string;
  private readonly part: string;
  /** Whoever could guess the name of a piece could say another first, and the stream would take ours for its copy. */
  private readonly secret = randomUUID();
  private readonly waiting = new Set<Promise<void>>();
  private waitingBytes = 0;
  private end = 0;
  /** Pieces that were not taken at once. */
  private again = 0;
  private ended = false;
  private isWhole = true;

  constructor(bus: Bus, run: string, user: string, part: string) {
    this.bus = bus;
    this.part = part;
    this.subject = journalSubject(run, user, part);
  }

  readonly write = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += partLimits.pieceBytes) {
      const piece = bytes.subarray(at, at + partLimits.pieceBytes);
      const from = this.end;
      this.end += piece.length;
      if (this.waitingBytes + piece.length > partLimits.waitingBytes) this.lose("the stream does not take it, and too much is waiting");
      else this.leave(piece, from);
    }
  };

  private leave(piece: Uint8Array, from: number): void {
    this.waitingBytes += piece.length;
    const leaving = this.insist(piece, from).finally(() => {
      this.waitingBytes -= piece.length;
      this.waiting.delete(leaving);
    });
    this.waiting.add(leaving);
  }

  /** The first attempt leaves before this returns. */
  private async insist(piece: Uint8Array, from: number): Promise<void> {
    for (let attempt = 0; !this.ended; attempt++) {
      if (attempt === 1) this.again++;
      const began = performance.now();
      const id = `${this.part}@${from}@${this.secret}`;
      const reply = await this.bus.request(this.subject, piece, partLimits.againMs, ["Nats-Msg-Id", id]);
      const answer = reply === undefined ? "later" : answered(reply);
      if (answer === "taken") return;
      if (answer === "refused") return this.lose(new TextDecoder().decode(reply?.bytes));
      await sleep(Math.max(0, partLimits.againMs - (performance.now() - began)));
    }
    this.lose("the run has ended before the stream had it");
  }

  readonly close = async (): Promise<void> => {
    const waiting = new AbortController();
    await Promise.race([
      Promise.all(this.waiting),
      sleep(partLimits.closeMs, undefined, { signal: waiting.signal }).catch(() => undefined),
    ]);
    waiting.abort();
    this.ended = true;
    if (this.waiting.size > 0) this.lose("the stream does not take its end");
    report({ report: "wrote", bytes: this.end, again: this.again });
  };

  /** Told once: that it is not whole is all that matters. */
  private lose(why: string): void {
    if (!this.isWhole) return;
    this.isWhole = false;
    report({ report: "gap", text: `some of the journal of ${this.part} is lost: ${why}` });
  }
}

export const openJournalPart = (bus: Bus, run: string, user: string, part: string): JournalText => new JournalPart(bus, run, user, part);
