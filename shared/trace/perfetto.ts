// A Chrome trace, which ui.perfetto.dev opens: a lane for each CPU, one for each life of the coordinator, arrows for messages.
//
// Slices are opened and closed (B and E) in the order of their lane's time, and what happens at a moment is a slice of no length (X): so
// nothing on a lane ever overlaps. A message is a slice where it leaves and one wherever it arrives, tied by the number that both bear.
import { labelOf, noteOf } from "../chaos/picture.ts";
import type { Header } from "../journal/entry.ts";
import { format } from "../machine/cpuSet.ts";
import { type Actor, actorName, isCoordinator, lifeOf } from "../machine/machine.ts";
import { type CountName, Counts, countNames } from "./counts.ts";
import { type Canvas, type Draught, type Format, traceLimits } from "./format.ts";
import { destinationText, type Moment, type Of, partyText } from "./moment.ts";

/** No CPU has a number as high as these. */
const coordinatorProcess = 2_000_000;
const cpuProcess = 4_000_000;

const processOf = (actor: Actor): number => (isCoordinator(actor) ? coordinatorProcess : cpuProcess);
const threadOf = (actor: Actor): number => (isCoordinator(actor) ? coordinatorProcess + lifeOf(actor) : actor + 1);

/** Microseconds with three places, which hold nanoseconds exactly. */
const microseconds = (ns: number): string => `${Math.floor(ns / 1000)}.${String(ns % 1000).padStart(3, "0")}`;

type Args = Readonly<Record<string, string | number | boolean>>;

/** The slices that are open on a lane, and the time up to which it is drawn. */
interface Lane {
  at: number;
  open: number;
}

const aboutRun = (run: string, { engine, seed, setup, plan }: Header): Args => ({
  run,
  engine,
  seed,
  model: setup.model.name,
  cpus: setup.cpus,
  patch: setup.patch.id,
  faults: plan.faults.join("; "),
});

/** The events of a Chrome trace as text, each lane's slices in order. */
class Events {
  count = 0;
  private readonly write: Canvas["write"];
  private readonly lanes = new Map<Actor, Lane>();

  constructor(write: Canvas["write"], about: Args) {
    this.write = write;
    write(`{"displayTimeUnit":"ns","otherData":${JSON.stringify(about)},"traceEvents":[\n`);
    this.process(coordinatorProcess, "coordinator", 0);
    this.process(cpuProcess, "CPUs", 1);
  }

  depth(actor: Actor): number {
    return this.lanes.get(actor)?.open ?? 0;
  }

  open(actor: Actor, at: number, name: string, args: Args): void {
    const lane = this.lane(actor);
    lane.at = Math.max(lane.at, at);
    lane.open++;
    this.event("B", actor, lane.at, `,"name":${JSON.stringify(name)},"args":${JSON.stringify(args)}`);
  }

  /** Closes the innermost slices until `depth` are left. */
  closeTo(depth: number, actor: Actor, at: number): void {
    const lane = this.lane(actor);
    lane.at = Math.max(lane.at, at);
    for (; lane.open > depth; lane.open--) this.event("E", actor, lane.at, "");
  }

  point(actor: Actor, at: number, name: string, args: Args, flow = ""): void {
    this.lane(actor);
    this.event("X", actor, at, `,"dur":0,"name":${JSON.stringify(name)}${flow},"args":${JSON.stringify(args)}`);
  }

  instant(actor: Actor, at: number, name: string, args: Args): void {
    this.lane(actor);
    this.event("i", actor, at, `,"s":"t","name":${JSON.stringify(name)},"args":${JSON.stringify(args)}`);
  }

  counter(at: number, name: CountName, value: number): void {
    this.line(`{"ph":"C","pid":${coordinatorProcess},"ts":${microseconds(at)},"name":"${name}","args":{"value":${value}}}`);
  }

  finish(at: number): void {
    for (const actor of this.lanes.keys()) this.closeTo(0, actor, at);
    this.write("\n]}\n");
  }

  /** Of whoever is seen for the first time the viewer is told the name, and where to draw it. */
  private lane(actor: Actor): Lane {
    const known = this.lanes.get(actor);
    if (known !== undefined) return known;
    const lane = { at: 0, open: 0 };
    this.lanes.set(actor, lane);
    const name = isCoordinator(actor) ? actorName(actor) : `cpu ${actor}`;
    const thread = `"pid":${processOf(actor)},"tid":${threadOf(actor)}`;
    this.line(`{"ph":"M",${thread},"name":"thread_name","args":{"name":"${name}"}}`);
    this.line(`{"ph":"M",${thread},"name":"thread_sort_index","args":{"sort_index":${threadOf(actor)}}}`);
    return lane;
  }

  private process(pid: number, name: string, place: number): void {
    this.line(`{"ph":"M","pid":${pid},"name":"process_name","args":{"name":"${name}"}}`);
    this.line(`{"ph":"M","pid":${pid},"name":"process_sort_index","args":{"sort_index":${place}}}`);
  }

  private event(phase: string, actor: Actor, at: number, rest: string): void {
    this.line(`{"ph":"${phase}","pid":${processOf(actor)},"tid":${threadOf(actor)},"ts":${microseconds(at)}${rest}}`);
  }

  private line(text: string): void {
    this.write(this.count++ === 0 ? text : `,\n${text}`);
  }
}

/** Facts that are a slice, or part of the name of one, need no mark besides. */
const drawn: readonly string[] = ["opened", "resumed", "switched"];

class ChromeTrace implements Draught {
  private readonly events: Events;
  private readonly counts: Counts;
  private readonly counted: Record<CountName, number> = { "acks missing": -1, "CPUs stopped": -1, "tasks pending": -1 };
  private omitted = 0;
  /** The time that the picture has come to; none yet. */
  private lastAt = -1;

  constructor({ write, run, header, window }: Canvas) {
    this.counts = new Counts(window.cpus);
    this.events = new Events(write, aboutRun(run, header));
  }

  readonly take = (moment: Moment): void => {
    if (moment.is !== "missed" && moment.is !== "sent") this.passTo(moment.at);
    this.counts.take(moment);
    switch (moment.is) {
      case "state":
        this.events.closeTo(0, moment.actor, moment.at);
        return this.events.open(moment.actor, moment.at, moment.text, { clock: moment.clock });
      case "fact":
        return this.fact(moment);
      case "timeout":
        return this.events.instant(moment.actor, moment.at, `timer: ${moment.timer}`, {});
      case "fault":
        if (moment.ends && isCoordinator(moment.actor)) this.events.closeTo(0, moment.actor, moment.at);
        return this.events.instant(moment.actor, moment.at, `fault: ${moment.text}`, {});
      default:
        if (this.events.count < traceLimits.perfettoEvents) this.message(moment);
        else this.omitted++;
    }
  };

  readonly finish = (): void => {
    if (this.lastAt >= 0) this.tellCounts();
    this.events.finish(this.lastAt);
  };

  readonly leftOut = (): number => this.omitted;

  /** Of all that changes at one time, the last word is told. */
  private passTo(at: number): void {
    if (at <= this.lastAt) return;
    if (this.lastAt >= 0) this.tellCounts();
    this.lastAt = at;
  }

  private tellCounts(): void {
    for (const name of countNames) {
      const value = this.counts.values[name];
      if (value === this.counted[name] || this.events.count >= traceLimits.perfettoEvents) continue;
      this.counted[name] = value;
      this.events.counter(this.lastAt, name, value);
    }
  }

  private message(moment: Of<"sent"> | Of<"arrived"> | Of<"missed">): void {
    const { actor, at, clock } = moment;
    if (moment.is === "sent") {
      const { id, again, msg, to } = moment.sent;
      const name = `${again ? "again: " : ""}${labelOf(msg)}`;
      this.events.point(actor, at, name, { to: destinationText(to), clock }, `,"flow_out":true,"bind_id":${id}`);
    } else if (moment.is === "arrived") {
      const { sent, copy, from, msg } = moment;
      // The clocks of processes may differ by less than a message takes.
      const arrivedAt = Math.max(at, sent?.at ?? 0);
      const flow = sent === null ? "" : `,"flow_in":true,"bind_id":${sent.id}`;
      this.events.point(actor, arrivedAt, `${labelOf(msg)}${copy ? " (copy)" : ""}`, { from: actorName(from), clock }, flow);
    } else {
      const { sent, by, why } = moment;
      this.events.instant(actor, at, `${why}: ${labelOf(sent.msg)} to ${partyText(by)}`, { message: sent.id, receivers: by.length });
    }
  }

  private fact({ at, actor, fact }: Of<"fact">): void {
    const { events } = this;
    if (fact.fact === "opened") {
      events.closeTo(0, actor, at);
      const participants = format(fact.participants);
      events.open(actor, at, `epoch ${fact.epoch}: ${fact.operation}`, { attempt: fact.attempt, participants });
    } else if (fact.fact === "asked") {
      events.closeTo(1, actor, at);
      // A coordinator that takes over has not opened the epoch that it ends.
      if (events.depth(actor) === 0) events.open(actor, at, `epoch ${fact.epoch}: taken over`, {});
      events.open(actor, at, `${fact.ask.do} #${fact.round}`, { of: format(fact.of) });
    } else if (fact.fact === "round-ended" || fact.fact === "decided") events.closeTo(1, actor, at);
    else if (fact.fact === "closed" || fact.fact === "stood-down") events.closeTo(0, actor, at);
    else if (fact.fact === "blocked") {
      const forUs = fact.forNs === null ? "no end in sight" : microseconds(fact.forNs);
      events.instant(actor, at, `waits for ${fact.task} in ${fact.function}`, { why: fact.why, forUs });
    }
    const note = drawn.includes(fact.fact) ? undefined : noteOf(fact);
    if (note !== undefined) events.instant(actor, at, note, {});
  }
}

export const perfetto: Format = {
  needsMessages: false,
  isBinary: false,
  draw: (canvas) => new ChromeTrace(canvas),
};
