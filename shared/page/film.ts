// A live run as it is heard on the bus: what every CPU is at and has been at, in columns that can be drawn at any time.
//
// States come from what is said on the bus, for that comes first; the driver's frames add what only the driver knows. A CPU's state is what
// its last answer says, so that a picture of answers is late by their way here, and by nothing else.

import type { Incoming } from "../live/bus/reading.ts";
import type { ViewFact, ViewFrame } from "../live/bus/viewFrame.ts";
import { lowest, parse, size } from "../machine/cpuSet.ts";
import type { FaultCount } from "../nemesis/plan.ts";
import type { PacketCounts } from "../protocol/observer.ts";
import { type LeftOut, type Limits, Room, recordingLimits } from "./leftOut.ts";
import type { Losses } from "./losses.ts";
import { codeOf, pageStates } from "./pageStates.ts";
import { Present, type Standing, trafficKinds } from "./present.ts";
import type { Band, Mark, Recording } from "./recording.ts";
import { Series } from "./series.ts";

/** It is drawn anew while it grows, so it holds less than a recording. What CPUs are at now is known all the same. */
const filmLimits: Limits = { ...recordingLimits, states: 1 << 20, marks: 2_000, rounds: 2_000 };

/** Older ones go. */
const mostNews = 200;

/** The CPU that a fault is of, if it is of one and no other. */
const onlyCpuIn = (fault: string): { readonly actor?: number } => {
  const [list, ...more] = fault.matchAll(/\bcpu ([\d,-]+)/g);
  const cpus = parse(list?.[1] ?? "");
  return more.length === 0 && cpus !== undefined && size(cpus) === 1 ? { actor: lowest(cpus) } : {};
};

interface News {
  readonly at: number;
  readonly text: string;
  /** Of strikes: of which fault, and how many. */
  readonly fault: string | null;
  readonly strikes: number;
}

export class Film {
  /** What every CPU is at now. Until something is heard of a CPU, nothing is known of it. */
  readonly present: Present;
  /** How many CPUs are in each state, after each moment at which it changed. */
  readonly census = new Series(pageStates.length);
  /** Messages since the start, after each moment at which there were some. */
  readonly traffic = new Series(trafficKinds.length);
  settled = false;
  faults: readonly FaultCount[] = [];
  packets: PacketCounts | null = null;
  /** What the driver told, newest first. */
  readonly news: News[] = [];
  readonly marks: Mark[] = [];
  readonly bands: Array<{ -readonly [Field in keyof Band]: Band[Field] }> = [];
  /** What of the run this page has not heard, since it listens. */
  readonly losses: Losses = { frames: 0, facts: 0, messages: 0, refused: 0 };
  /** The last frame, and the facts that had been left out before the first. */
  private number = 0;
  private omittedBefore = 0;
  private stamp = "";
  private readonly room: Room;
  /** Whether all changes so far are kept. */
  private isWhole = true;
  /** The changes, in their order. */
  private length = 0;
  private changeAt = new Float64Array(4096);
  private changeCpu = new Uint32Array(4096);
  private changeState = new Uint8Array(4096);

  constructor(cpus: number, limits = filmLimits) {
    this.room = new Room(limits);
    this.present = new Present(cpus, "unknown", {
      changed: (cpu, code) => this.keep(cpu, code),
      heard: () => this.markBand(),
    });
  }

  // ---- what is heard ----

  /** What somebody has heard who was there before; once more when the page has been cut off for a while. */
  join({ present, faults, packets }: Standing): void {
    this.present.restore(present);
    this.faults = faults;
    this.packets = packets;
    this.census.push(this.at, this.present.counts);
  }

  /** Something that was said on the bus. Time never goes back. */
  hear(incoming: Incoming, at: number): void {
    this.present.pass(at);
    this.present.hear(incoming);
    this.census.push(this.at, this.present.counts);
    this.traffic.push(this.at, this.present.traffic);
  }

  /** A frame of the driver. */
  see({ number, at, facts, omitted, settled, counts }: ViewFrame): void {
    if (this.number === 0) this.omittedBefore = omitted;
    else this.losses.frames += Math.max(0, number - this.number - 1);
    this.number = number;
    this.losses.facts = omitted - this.omittedBefore;
    this.present.pass(at);
    this.settled = settled;
    for (const [when, fact] of facts) this.seeFact(when, fact);
    if (counts === undefined) return;
    this.markStrikes(counts.faults);
    this.faults = counts.faults;
    this.packets = counts.packets;
  }

  /** A band for each round, for as long as somebody has not answered: also if more are asked when all had. */
  private markBand(): void {
    const { round, waits } = this.present;
    if (round === null) return;
    if (round.stamp !== this.stamp) {
      this.stamp = round.stamp;
      this.endBand();
      const band = { from: round.since, until: Number.POSITIVE_INFINITY, epoch: round.epoch, phase: round.phase };
      if (this.room.for("rounds", this.bands.length, this.at)) this.bands.push(band);
    }
    const last = this.bands.at(-1);
    if (!waits) this.endBand();
    else if (last !== undefined) last.until = Number.POSITIVE_INFINITY;
  }

  private endBand(): void {
    const last = this.bands.at(-1);
    if (last?.until === Number.POSITIVE_INFINITY) last.until = this.at;
  }

  private seeFact(at: number, fact: ViewFact): void {
    if (fact.fact === "died") this.present.died(fact.cpu);
    const text = textOf(fact);
    if (text !== null) this.tell(at, text);
  }

  private tell(at: number, text: string): void {
    this.news.unshift({ at, text, fault: null, strikes: 0 });
    if (this.news.length > mostNews) this.news.pop();
  }

  /** A fault that strikes again and again is told once, by how often: nothing else would be left to read. */
  private tellStrikes(fault: string, more: number): void {
    const [last] = this.news;
    const strikes = more + (last?.fault === fault ? last.strikes : 0);
    if (last?.fault === fault) this.news.shift();
    this.news.unshift({ at: this.at, text: `${fault}: struck ${strikes === 1 ? "once" : `${strikes} times`}`, fault, strikes });
    if (this.news.length > mostNews) this.news.pop();
  }

  /** The counters of processes come four times a second: a mark says that by then the fault had struck. */
  private markStrikes(faults: readonly FaultCount[]): void {
    for (const [index, { text, applied }] of faults.entries()) {
      const more = applied - (this.faults[index]?.applied ?? 0);
      if (more <= 0) continue;
      this.tellStrikes(text, more);
      if (this.room.for("marks", this.marks.length, this.at)) this.marks.push({ is: "fault", at: this.at, ...onlyCpuIn(text), text });
    }
  }

  private keep(cpu: number, code: number): void {
    const wasWhole = this.isWhole;
    this.isWhole = this.room.for("states", this.length, this.at);
    if (this.isWhole) this.push(cpu, code);
    // Nobody is to take what a CPU was at for what it is at.
    else if (wasWhole) for (let each = 0; each < this.cpus; each++) this.push(each, codeOf("unknown"));
  }

  private push(cpu: number, code: number): void {
    if (this.length === this.changeAt.length) this.grow();
    this.changeAt[this.length] = this.at;
    this.changeCpu[this.length] = cpu;
    this.changeState[this.length++] = code;
  }

  private grow(): void {
    const longer = <A extends Float64Array | Uint32Array | Uint8Array>(to: A, from: A): A => {
      to.set(from);
      return to;
    };
    const length = 2 * this.length;
    this.changeAt = longer(new Float64Array(length), this.changeAt);
    this.changeCpu = longer(new Uint32Array(length), this.changeCpu);
    this.changeState = longer(new Uint8Array(length), this.changeState);
  }

  // ---- what is shown ----

  get cpus(): number {
    return this.present.cpus;
  }

  /** The latest time of the run that is known, in ns. */
  get at(): number {
    return this.present.at;
  }

  get endNs(): number {
    return this.at;
  }

  get leftOut(): LeftOut {
    return this.room.leftOut;
  }

  /** How often it has changed, so that nobody draws the same twice. */
  get changes(): number {
    return this.length + this.bands.length + this.marks.length;
  }

  /** All of it so far, by CPU: a counting sort, for changes are in the order of time. */
  recording(): Recording {
    const { cpus, length, changeAt, changeCpu, changeState } = this;
    const first = new Uint32Array(cpus + 1);
    for (let i = 0; i < length; i++) {
      const after = (changeCpu[i] as number) + 1;
      first[after] = (first[after] as number) + 1;
    }
    for (let cpu = 0; cpu < cpus; cpu++) first[cpu + 1] = (first[cpu + 1] as number) + (first[cpu] as number);
    const next = first.slice(0, cpus);
    const at = new Float64Array(length);
    const state = new Uint8Array(length);
    const text = new Uint32Array(length);
    for (let i = 0; i < length; i++) {
      const cpu = changeCpu[i] as number;
      const place = next[cpu] as number;
      next[cpu] = place + 1;
      at[place] = changeAt[i] as number;
      state[place] = changeState[i] as number;
      text[place] = changeState[i] as number;
    }
    const spans = { first, at, state, text, before: codeOf("unknown") };
    const { bands, marks } = this;
    return { cpus, endNs: this.at, spans, trips: noTrips, lines: linesAt(bands), marks, bands, texts: pageStates, leftOut: this.leftOut };
  }
}

const noTrips: Recording["trips"] = {
  at: new Float64Array(),
  arrivesAt: new Float64Array(),
  from: new Int32Array(),
  to: new Int32Array(),
  label: new Uint32Array(),
  fate: new Uint8Array(),
  longestNs: 0,
};

/** Where steps go: to the beginnings of rounds. */
const linesAt = (bands: readonly Band[]): Recording["lines"] => ({
  at: Float64Array.from(bands, ({ from }) => from),
  actor: new Int32Array(bands.length),
  text: new Uint32Array(bands.length),
});

/** Null of what the picture shows by itself. */
const textOf = (fact: ViewFact): string | null => {
  switch (fact.fact) {
    case "took":
      return `coordinator ${fact.life} is in charge`;
    case "stood-down":
      return `coordinator ${fact.life} stood down`;
    case "died":
      return `cpu ${fact.cpu} died`;
    case "opened":
      return `epoch ${fact.epoch}: ${fact.operation} of ${size(fact.participants)} CPUs, attempt ${fact.attempt}`;
    case "round-ended":
      return fact.resent === 0 && fact.late === 0
        ? null
        : `${fact.phase} of epoch ${fact.epoch}: ${fact.resent} sent again, ${fact.late} late`;
    case "decided":
      return `epoch ${fact.epoch} ${fact.outcome}${fact.reason === null ? "" : `: ${fact.reason.why}`}`;
    case "closed":
      return `epoch ${fact.epoch} closed: version ${fact.version} in force`;
    case "finished":
      return `finished: ${fact.outcome}`;
  }
};
