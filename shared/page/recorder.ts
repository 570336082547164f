// Folds a run, turn by turn or entry by entry, into the columns that the page draws.

import { labelOf } from "../chaos/picture.ts";
import type { Entry, Header, OutputBody } from "../journal/entry.ts";
import type { AnyInput, Observer, TurnTaken } from "../protocol/observer.ts";
import { initialVersion } from "../protocol/setup.ts";
import type { CpuState } from "../report/cpuStates.ts";
import type { Moment, Of } from "../trace/moment.ts";
import { Story } from "../trace/story.ts";
import { sentence } from "../trace/words.ts";
import { type Limits, Room, recordingLimits } from "./leftOut.ts";
import { codeOf, type PageState } from "./pageStates.ts";
import { type Band, type Fate, fates, type Mark, type Recording } from "./recording.ts";

/** A column that grows. */
class Column<A extends Float64Array | Int32Array | Uint32Array | Uint8Array> {
  length = 0;
  private values: A;
  private readonly make: (length: number) => A;

  constructor(make: (length: number) => A) {
    this.make = make;
    this.values = make(1024);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const longer = this.make(2 * this.length);
      longer.set(this.values);
      this.values = longer;
    }
    this.values[this.length++] = value;
  }

  /** In this order of the places. */
  inOrder(order: Uint32Array): A {
    const sorted = this.make(order.length);
    for (let i = 0; i < order.length; i++) sorted[i] = this.values[order[i] as number] as number;
    return sorted;
  }

  get(place: number): number {
    return this.values[place] as number;
  }
}

const float64 = (length: number): Float64Array<ArrayBuffer> => new Float64Array(length);
const int32 = (length: number): Int32Array<ArrayBuffer> => new Int32Array(length);
const uint32 = (length: number): Uint32Array<ArrayBuffer> => new Uint32Array(length);
const uint8 = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length);

/** Stands for texts that there was no room for. */
const noText = "(its words are left out)";

/** Each text once. */
class Texts {
  readonly all: string[] = [noText];
  private readonly places = new Map<string, number>();
  private readonly room: Room;

  constructor(room: Room) {
    this.room = room;
  }

  placeOf(text: string, at: number): number {
    const known = this.places.get(text);
    if (known !== undefined) return known;
    if (!this.room.for("texts", this.places.size, at)) return 0;
    this.places.set(text, this.all.length);
    return this.all.push(text) - 1;
  }
}

const orderBy = (length: number, compare: (a: number, b: number) => number): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => i).sort((a, b) => compare(a, b) || a - b);

/** The input of an entry has its time from the entry. */
const bodyOf = ({ at: _, ...body }: AnyInput): Extract<Entry, { kind: "input" }>["body"] => body;

export class Recorder {
  private readonly cpus: number;
  private readonly story: Story;
  private readonly room: Room;
  private readonly texts: Texts;
  private readonly spans = { cpu: new Column(int32), at: new Column(float64), state: new Column(uint8), text: new Column(uint32) };
  private readonly trips = {
    at: new Column(float64),
    arrivesAt: new Column(float64),
    from: new Column(int32),
    to: new Column(int32),
    label: new Column(uint32),
    fate: new Column(uint8),
  };
  private readonly lines = { at: new Column(float64), actor: new Column(int32), text: new Column(uint32) };
  private readonly marks: Mark[] = [];
  private readonly bands: Band[] = [];
  /** Whether all states so far are kept. */
  private isWhole = true;
  private longestNs = 0;
  private endNs = 0;

  constructor(header: Header, limits: Limits = recordingLimits) {
    this.room = new Room(limits);
    this.texts = new Texts(this.room);
    this.cpus = header.setup.cpus;
    this.story = new Story(header, (moment) => this.show(moment));
  }

  take(entry: Entry): void {
    this.endNs = Math.max(this.endNs, entry.at);
    this.story.take(entry);
  }

  /** For who runs the machine instead of reading of it. */
  readonly observer: Observer = {
    turn: (turn) => this.turn(turn),
    fault: ({ at, clock, actor, text, effect }) => this.take({ seq: 0, at, clock, actor, kind: "fault", body: { text, effect } }),
  };

  /** From here on there are facts only. */
  factsOnly(): void {
    this.story.factsOnly();
  }

  /** After the last entry; `endNs` if the run went on for longer. */
  finish(violations: readonly Mark[], endNs = 0): Recording {
    this.story.finish();
    const { spans, trips, lines, texts, cpus, longestNs, room } = this;
    const spanOrder = orderBy(spans.at.length, (a, b) => spans.cpu.get(a) - spans.cpu.get(b) || spans.at.get(a) - spans.at.get(b));
    const tripOrder = orderBy(trips.at.length, (a, b) => trips.at.get(a) - trips.at.get(b));
    const lineOrder = orderBy(lines.at.length, (a, b) => lines.at.get(a) - lines.at.get(b));
    return {
      cpus,
      endNs: Math.max(this.endNs, endNs),
      spans: {
        first: firstsOf(spans.cpu.inOrder(spanOrder), cpus),
        at: spans.at.inOrder(spanOrder),
        state: spans.state.inOrder(spanOrder),
        text: spans.text.inOrder(spanOrder),
        before: codeOf("off"),
      },
      trips: {
        at: trips.at.inOrder(tripOrder),
        arrivesAt: trips.arrivesAt.inOrder(tripOrder),
        from: trips.from.inOrder(tripOrder),
        to: trips.to.inOrder(tripOrder),
        label: trips.label.inOrder(tripOrder),
        fate: trips.fate.inOrder(tripOrder),
        longestNs,
      },
      lines: { at: lines.at.inOrder(lineOrder), actor: lines.actor.inOrder(lineOrder), text: lines.text.inOrder(lineOrder) },
      marks: [...this.marks, ...violations].toSorted((a, b) => a.at - b.at),
      bands: this.bands,
      texts: texts.all,
      leftOut: room.leftOut,
    };
  }

  private turn({ actor, clock, input, outputs }: TurnTaken): void {
    const place = { seq: 0, at: input.at, clock, actor };
    this.take({ ...place, kind: "input", body: bodyOf(input) });
    for (const output of outputs) {
      if (output.kind === "announce") this.take({ ...place, kind: "fact", body: output.fact });
      else this.take({ ...place, kind: "output", body: output satisfies OutputBody });
    }
  }

  private show(moment: Moment): void {
    if (moment.is === "state") this.state(moment);
    else if (moment.is === "arrived") this.arrived(moment);
    else if (moment.is === "missed") for (const by of moment.by) this.trip(moment.sent, by, Number.NaN, moment.why);
    else if (moment.is === "fault") this.fault(moment);
    else if (moment.is === "fact") this.fact(moment);
    this.line(moment);
  }

  private state({ at, actor, state, text }: Of<"state">): void {
    const wasWhole = this.isWhole;
    this.isWhole = this.room.for("states", this.spans.at.length, at);
    if (this.isWhole) this.span(actor, at, shownState(state, text), text);
    // Nobody is to take what a CPU was at for what it is at.
    else if (wasWhole) for (let cpu = 0; cpu < this.cpus; cpu++) this.span(cpu, at, "unknown", "unknown");
  }

  private span(cpu: number, at: number, state: PageState, text: string): void {
    const { spans } = this;
    spans.cpu.push(cpu);
    spans.at.push(at);
    spans.state.push(codeOf(state));
    spans.text.push(this.texts.placeOf(text, at));
  }

  private fault({ at, actor, text }: Of<"fault">): void {
    if (this.room.for("marks", this.marks.length, at)) this.marks.push({ is: "fault", at, actor, text });
  }

  private arrived({ at, actor, sent, copy }: Of<"arrived">): void {
    if (sent !== null) this.trip(sent, actor, at, copy ? "copy" : sent.again ? "again" : "arrived");
  }

  private trip({ at, from, msg }: Of<"sent">["sent"], to: number, arrivesAt: number, fate: Fate): void {
    const { trips } = this;
    if (!this.room.for("messages", trips.at.length, at)) return;
    trips.at.push(at);
    trips.arrivesAt.push(arrivesAt);
    trips.from.push(from);
    trips.to.push(to);
    trips.label.push(this.texts.placeOf(labelOf(msg), at));
    trips.fate.push(fates.indexOf(fate));
    if (arrivesAt - at > this.longestNs) this.longestNs = arrivesAt - at;
  }

  private fact({ at, fact }: Of<"fact">): void {
    if (fact.fact === "asked") {
      const band = { from: at, until: Number.POSITIVE_INFINITY, epoch: fact.epoch, phase: fact.ask.do };
      if (this.room.for("rounds", this.bands.length, at)) this.bands.push(band);
    } else if (fact.fact === "round-ended" || fact.fact === "closed") {
      const { length } = this.bands;
      const last = this.bands[length - 1];
      if (last?.until === Number.POSITIVE_INFINITY) this.bands[length - 1] = { ...last, until: at };
    }
  }

  private line(moment: Moment): void {
    const text = sentence(moment);
    if (text === undefined) return;
    if (!this.room.for("lines", this.lines.at.length, moment.at)) return;
    this.lines.at.push(moment.at);
    this.lines.actor.push(moment.actor);
    this.lines.text.push(this.texts.placeOf(text, moment.at));
  }
}

/** What a CPU that runs is at is told by the version that it runs: one that resumed after an abort is where it was. */
const shownState = (state: CpuState, text: string): CpuState =>
  text.startsWith("running v") ? (text === `running v${initialVersion}` ? "running" : "resumed") : state;

/** Where the spans of each CPU begin, and one more for where the last one's end. */
const firstsOf = (cpuOfSpan: Int32Array, cpus: number): Uint32Array => {
  const first = new Uint32Array(cpus + 1);
  for (const cpu of cpuOfSpan) first[cpu + 1] = (first[cpu + 1] as number) + 1;
  for (let cpu = 0; cpu < cpus; cpu++) first[cpu + 1] = (first[cpu + 1] as number) + (first[cpu] as number);
  return first;
};
