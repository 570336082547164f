// Turns and faults as journal lines: one string a turn, because live every turn is written before its outputs leave.
import { type Actor, actorName } from "../machine/machine.ts";
import type { Message, Register } from "../protocol/messages.ts";
import type { AnyInput, AnyOutput, FaultApplied, Observer, TurnTaken } from "../protocol/observer.ts";
import { type Entry, type EntryKind, type Header, type JournalMode, journalLimits, type Note } from "./entry.ts";

/** Canonical: keys in the order of the entry, integers as they are, no spaces. */
const line = (seq: number, at: number, clock: number, actor: string, kind: EntryKind, body: string): string =>
  `{"seq":${seq},"at":${at},"clock":${clock},"actor":"${actor}","kind":"${kind}","body":${body}}\n`;

export const headerLine = (header: Header): string => `${JSON.stringify(header)}\n`;

/** An entry as it was read. */
export const entryLine = ({ seq, at, clock, actor, kind, body }: Entry): string =>
  line(seq, at, clock, actorName(actor), kind, JSON.stringify(body));

export const noteLine = (note: Note): string => `${JSON.stringify(note)}\n`;

/** An output as the journal holds it; a fact stands alone. What replay compares. */
export const outputText = (output: AnyOutput): string => JSON.stringify(output.kind === "announce" ? output.fact : output);

/** Remembers the last message and its text: a broadcast reaches a million CPUs as one object. */
class MessageText {
  private last: Message | null = null;
  private text = "";

  of(msg: Message): string {
    if (msg !== this.last) {
      this.text = JSON.stringify(msg);
      this.last = msg;
    }
    return this.text;
  }
}

const recordText = (record: Register | null): string => (record === null ? "null" : JSON.stringify(record));

export interface JournalEncoder {
  /** The lines of a turn. */
  readonly turn: (turn: TurnTaken) => string;
  readonly fault: (fault: FaultApplied) => string;
  /** How many entries were encoded, and whether they are all there are. */
  readonly entries: () => number;
  readonly isFull: () => boolean;
}

export interface EncoderOptions {
  readonly mode: Exclude<JournalMode, "off">;
  /** After how many entries a full journal goes on with facts only. */
  readonly fullEntries?: number;
}

/** One for each file: it numbers the entries of the actors that are written there. */
export const journalEncoder = ({ mode, fullEntries = journalLimits.fullEntries }: EncoderOptions): JournalEncoder => {
  const next = new Map<Actor, number>();
  const nextFault = new Map<Actor, number>();
  const message = new MessageText();
  let full = mode === "full";
  let entries = 0;

  const bodyOf = (input: AnyInput): string => {
    switch (input.kind) {
      case "start":
        return `{"kind":"start","incarnation":${input.incarnation}}`;
      case "deliver":
        return `{"kind":"deliver","from":${input.from},"msg":${message.of(input.msg)}}`;
      case "timeout":
        return `{"kind":"timeout","timer":"${input.timer}"}`;
      case "register":
        return `{"kind":"register","revision":${input.revision},"record":${recordText(input.record)}}`;
      case "died":
        return `{"kind":"died","cpu":${input.cpu},"incarnation":${input.incarnation}}`;
      case "nmi":
        return `{"kind":"nmi"}`;
    }
  };

  return {
    turn: ({ actor, clock, input, outputs }) => {
      const { at } = input;
      let text = "";
      if (full && entries + outputs.length >= fullEntries) {
        full = false;
        text = noteLine({ note: "facts-only", entries });
      }
      const first = input.kind === "start" ? 0 : (next.get(actor) ?? 0);
      let seq = first;
      const name = actorName(actor);
      if (full) text += line(seq++, at, clock, name, "input", bodyOf(input));
      for (const output of outputs) {
        if (output.kind === "announce") text += line(seq++, at, clock, name, "fact", JSON.stringify(output.fact));
        else if (full) text += line(seq++, at, clock, name, "output", JSON.stringify(output));
      }
      next.set(actor, seq);
      entries += seq - first;
      return text;
    },
    fault: ({ at, clock, actor, text, effect }) => {
      const seq = nextFault.get(actor) ?? 0;
      nextFault.set(actor, seq + 1);
      entries++;
      return line(seq, at, clock, actorName(actor), "fault", JSON.stringify({ text, effect }));
    },
    entries: () => entries,
    isFull: () => full,
  };
};

/** Hands each line, or the lines of each turn, to `write`. */
export const journalObserver = (encoder: JournalEncoder, write: (text: string) => void): Observer => ({
  turn: (turn) => {
    const text = encoder.turn(turn);
    if (text !== "") write(text);
  },
  fault: (fault) => write(encoder.fault(fault)),
});
