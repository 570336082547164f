// A live run as it is heard on the bus: what every CPU is at and has been at, in columns that can be drawn at any time.
//
// States come from what is said on the bus, for that comes first; the driver's frames add what only the driver knows. A CPU's state is what
// its last answer says, so that a picture of answers is late by their way here, and by nothing else.

import type { Incoming } from "../../../shared/live/bus/reading.ts";
import type { ViewFact, ViewFrame } from "../../../shared/live/bus/viewFrame.ts";
import { forEach, size, toArray } from "../../../shared/machine/cpuSet.ts";
import type { FaultCount } from "../../../shared/nemesis/plan.ts";
import type { Band, Mark, Recording } from "../../../shared/page/recording.ts";
import { type Ack, isRoundMessage, type Phase, type RoundMessage } from "../../../shared/protocol/messages.ts";
import type { PacketCounts } from "../../../shared/protocol/observer.ts";
import type { Answer } from "../../../shared/protocol/wire/answers.ts";
import type { Ask } from "../../../shared/protocol/wire/asks.ts";
import { type CpuState, cpuStates, stateAtAck } from "../../../shared/report/cpuStates.ts";
import { Series } from "./series.ts";

export const filmLimits = {
  /** Changes of states that are kept; later ones are still counted and shown as what CPUs are at now. */
  changes: 1 << 20,
  bands: 2_000,
  marks: 2_000,
  news: 200,
} as const;

const code = (state: CpuState): number => cpuStates.indexOf(state);

/** What is under way, and who has not answered. */
export interface Round {
  readonly epoch: number;
  readonly phase: Phase;
  readonly since: number;
  readonly of: number;
  acks: number;
}

/** Of traffic, what is drawn: IPIs sent, sent again, and answers. */
export const trafficKinds = ["sent", "again", "answers"] as const;

export class Film {
  readonly cpus: number;
  /** The latest time of the run that is known, in ns. */
  at = 0;
  /** How many CPUs are in each state. */
  readonly counts = new Uint32Array(cpuStates.length);
  /** How many, after each moment at which it changed. */
  readonly census: Series;
  /** Messages since the start, after each moment at which there were some. */
  readonly traffic = new Series(trafficKinds.length);
  round: Round | null = null;
  settled = false;
  faults: readonly FaultCount[] = [];
  packets: PacketCounts | null = null;
  /** What the driver told, newest first. */
  readonly news: Array<{ readonly at: number; readonly text: string }> = [];
  readonly marks: Mark[] = [];
  readonly bands: Array<{ -readonly [Field in keyof Band]: Band[Field] }> = [];
  private readonly states: Uint8Array;
  /** CPUs that were asked in this round, and those that have answered. */
  private readonly asked: Uint8Array;
  private readonly answered: Uint8Array;
  private readonly sums = new Float64Array(trafficKinds.length);
  private stamp = "";
  private busy: string[] = [];
  /** The changes, in their order. */
  private length = 0;
  private changeAt = new Float64Array(4096);
  private changeCpu = new Uint32Array(4096);
  private changeState = new Uint8Array(4096);
  private patchedState: CpuState = "resumed";

  constructor(cpus: number) {
    this.cpus = cpus;
    this.states = new Uint8Array(cpus).fill(code("off"));
    this.asked = new Uint8Array(cpus);
    this.answered = new Uint8Array(cpus);
    this.counts[code("off")] = cpus;
    this.census = new Series(cpuStates.length);
  }

  // ---- what is heard ----

  /** Something that was said on the bus. Time never goes back. */
  hear(incoming: Incoming, at: number): void {
    this.at = Math.max(this.at, at);
    if (incoming.kind === "asks") for (const item of incoming.items) this.hearAsk(item);
    else if (incoming.kind === "answers") for (const item of incoming.items) this.hearAnswer(item);
    else {
      for (const { to, said, msg } of incoming.items) {
        if (msg.kind === "ack") this.hearAnswer({ from: 0, said, msg });
        else if (isRoundMessage(msg)) this.hearAsk({ to, msg });
      }
    }
    this.census.push(this.at, this.counts);
    this.traffic.push(this.at, this.sums);
  }

  /** A frame of the driver. */
  see({ at, facts, settled, counts }: ViewFrame): void {
    this.at = Math.max(this.at, at);
    this.settled = settled;
    for (const [when, fact] of facts) this.seeFact(when, fact);
    if (counts === undefined) return;
    this.markStrikes(counts.faults);
    this.faults = counts.faults;
    this.packets = counts.packets;
  }

  private hearAsk({ to, msg }: Ask): void {
    if (msg.kind === "welcome") return this.set(msg.cpu, "running");
    const stamp = `${msg.term} ${msg.epoch} ${msg.round}`;
    if (stamp !== this.stamp) this.begin(stamp, msg);
    let again = 0;
    forEach(to, (cpu) => {
      if (cpu >= this.cpus) return;
      again += this.asked[cpu] as number;
      this.asked[cpu] = 1;
      if (msg.ask.do === "gather" && this.answered[cpu] === 0) this.set(cpu, "gathering");
    });
    this.add("sent", size(to));
    this.add("again", again);
    if (this.round !== null && again < size(to)) this.goOn(this.round, size(to) - again);
  }

  /** The first of a round that is heard. */
  private begin(stamp: string, { epoch, ask }: RoundMessage): void {
    this.stamp = stamp;
    this.endBand();
    this.round = { epoch, phase: ask.do, since: this.at, of: 0, acks: 0 };
    this.busy = [];
    this.asked.fill(0);
    this.answered.fill(0);
    if (ask.do === "exit") this.patchedState = ask.outcome === "committed" && ask.version > 0 ? "resumed" : "running";
    else if (ask.do === "complete" || ask.do === "cancel") this.patchedState = ask.version > 0 ? "resumed" : "running";
    if (this.bands.length < filmLimits.bands) this.bands.push({ from: this.at, until: Infinity, epoch, phase: ask.do });
  }

  /** More are asked in it: whose first packet was lost is heard of only then. */
  private goOn(round: Round, more: number): void {
    this.round = { ...round, of: round.of + more };
    const last = this.bands.at(-1);
    if (last !== undefined) last.until = Number.POSITIVE_INFINITY;
  }

  private endBand(): void {
    const last = this.bands.at(-1);
    if (last?.until === Infinity) last.until = this.at;
  }

  private hearAnswer({ said, msg }: Answer): void {
    this.add("answers", said);
    if (msg.kind === "hello") return;
    if (msg.kind === "withdraw") return this.set(msg.cpu, "running");
    if (this.round === null || `${msg.term} ${msg.epoch} ${msg.round}` !== this.stamp) return;
    const state = this.stateAfter(msg, this.round.phase);
    forEach(msg.cpus, (cpu) => {
      if (cpu >= this.cpus) return;
      if (this.answered[cpu] === 0 && this.round !== null) this.round.acks++;
      this.answered[cpu] = 1;
      if (state !== null) this.set(cpu, state);
    });
    if (msg.report.kind === "pending" || msg.report.kind === "busy") this.note(msg);
    if (this.round.acks >= this.round.of) this.endBand();
  }

  private stateAfter({ report }: Ack, phase: Phase): CpuState | null {
    if (report.kind === "pending" && report.busy.length > 0) return "switching";
    const state = stateAtAck[phase];
    return state === "resumed" ? this.patchedState : state;
  }

  private note({ cpus, report }: Ack): void {
    if (report.kind !== "pending" && report.kind !== "busy") return;
    const [cpu] = toArray(cpus);
    for (const { task, function: name, why } of report.busy) this.busy = [...this.busy, `cpu ${cpu} ${task} in ${name}: ${why}`].slice(-8);
  }

  private seeFact(at: number, fact: ViewFact): void {
    if (fact.fact === "died") this.set(fact.cpu, "dead");
    const text = textOf(fact);
    if (text !== null) this.tell(at, text);
  }

  private tell(at: number, text: string): void {
    this.news.unshift({ at, text });
    if (this.news.length > filmLimits.news) this.news.pop();
  }

  /** The counters of processes come four times a second: a mark says that by then the fault had struck. */
  private markStrikes(faults: readonly FaultCount[]): void {
    for (const [index, { text, applied }] of faults.entries()) {
      const before = this.faults[index]?.applied ?? 0;
      if (applied <= before) continue;
      this.tell(this.at, `${text}: struck ${applied - before} times`);
      if (this.marks.length < filmLimits.marks) this.marks.push({ is: "fault", at: this.at, text });
    }
  }

  private add(kind: (typeof trafficKinds)[number], count: number): void {
    const place = trafficKinds.indexOf(kind);
    this.sums[place] = (this.sums[place] as number) + count;
  }

  private set(cpu: number, state: CpuState): void {
    const next = code(state);
    const before = this.states[cpu];
    if (before === undefined || before === next) return;
    this.states[cpu] = next;
    this.counts[before] = (this.counts[before] as number) - 1;
    this.counts[next] = (this.counts[next] as number) + 1;
    if (this.length === filmLimits.changes) return;
    if (this.length === this.changeAt.length) this.grow();
    this.changeAt[this.length] = this.at;
    this.changeCpu[this.length] = cpu;
    this.changeState[this.length++] = next;
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

  /** True while somebody has not answered. */
  get waits(): boolean {
    return this.round !== null && this.round.acks < this.round.of;
  }

  /** CPUs that the round waits for, the lowest ones first; none once it is over. */
  waitedFor(most: number): readonly number[] {
    const found: number[] = [];
    if (!this.waits) return found;
    for (let cpu = 0; cpu < this.cpus && found.length < most; cpu++) if (this.asked[cpu] === 1 && this.answered[cpu] === 0) found.push(cpu);
    return found;
  }

  /** What answers of this round say of tasks. */
  get reasons(): readonly string[] {
    return this.busy;
  }

  get endNs(): number {
    return this.at;
  }

  get isFull(): boolean {
    return this.length === filmLimits.changes;
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
    const spans = { first, at, state, text };
    const { bands, marks } = this;
    return { cpus, endNs: this.at, spans, trips: noTrips, lines: linesAt(bands), marks, bands, texts: cpuStates, leftOut: 0 };
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
