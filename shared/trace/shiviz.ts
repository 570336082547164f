// A log for ShiViz, which draws who could have known what: each event with its host's vector clock.
//
// The first line is the expression that reads an event, the second one (empty) would part several runs. A host's own number counts its
// events from 1; what it gets makes it know all that the sender knew when it sent. Only what is shown is counted, but also what is not
// shown hands knowledge on.
import { type Actor, actorName } from "../machine/machine.ts";
import { type Canvas, type Draught, type Format, traceLimits } from "./format.ts";
import type { Moment } from "./moment.ts";
import { sentence } from "./words.ts";

const parser = "(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})";

type VectorClock = ReadonlyMap<Actor, number>;

const none: VectorClock = new Map();

const merged = (a: VectorClock, b: VectorClock): Map<Actor, number> => {
  const both = new Map(a);
  for (const [actor, count] of b) both.set(actor, Math.max(count, both.get(actor) ?? 0));
  return both;
};

const clockText = (clock: VectorClock): string => `{${[...clock].map(([actor, count]) => `"${actorName(actor)}":${count}`).join(",")}}`;

/** Clocks of messages that may still arrive. One that arrives later than so many others brings nothing. */
const mostSent = 100_000;

class Log implements Draught {
  private readonly write: Canvas["write"];
  private readonly clocks = new Map<Actor, VectorClock>();
  private readonly sent = new Map<number, VectorClock>();
  private characters = 0;
  private omitted = 0;

  constructor({ write }: Canvas) {
    this.write = write;
    write(`${parser}\n\n`);
  }

  readonly take = (moment: Moment): void => {
    // That something never arrived is no event of anybody.
    if (moment.is === "missed") return;
    const text = sentence(moment);
    if (text === undefined) return;
    if (this.characters > traceLimits.shivizCharacters) {
      this.omitted++;
      return;
    }
    const clock = this.tick(moment);
    const lines = `${text.replaceAll(/[{}\n]/g, " ")}\n${actorName(moment.actor)} ${clockText(clock)}\n`;
    this.characters += lines.length;
    this.write(lines);
  };

  readonly finish = (): void => undefined;

  readonly leftOut = (): number => this.omitted;

  private tick(moment: Moment): VectorClock {
    const { actor } = moment;
    const heard = moment.is === "arrived" && moment.sent !== null ? (this.sent.get(moment.sent.id) ?? none) : none;
    const clock = merged(this.clocks.get(actor) ?? none, heard);
    clock.set(actor, (clock.get(actor) ?? 0) + 1);
    this.clocks.set(actor, clock);
    if (moment.is === "sent") this.keep(moment.sent.id, clock);
    return clock;
  }

  private keep(id: number, clock: VectorClock): void {
    this.sent.set(id, clock);
    if (this.sent.size > mostSent) for (const oldest of this.sent.keys()) return void this.sent.delete(oldest);
  }
}

export const shiviz: Format = {
  needsMessages: true,
  isBinary: false,
  draw: (canvas) => new Log(canvas),
};
