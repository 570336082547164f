// A journal told as one epoch's film: the states, messages, rounds and faults that pictures of it are drawn from.

import { labelOf } from "../chaos/picture.ts";
import type { CpuLane, Span } from "../figure/cpuTime.ts";
import type { StateShown } from "../figure/palette.ts";
import type { Entry, Header } from "../journal/entry.ts";
import { type Actor, isCoordinator } from "../machine/machine.ts";
import type { Fact } from "../protocol/facts.ts";
import { isRoundMessage, type Message } from "../protocol/messages.ts";
import { initialVersion } from "../protocol/setup.ts";
import type { CpuState } from "../report/cpuStates.ts";
import { type Film, filmLimits, type MessageFilmed, type RoundFilmed, type Scene } from "../report/html/film.ts";
import type { Moment, Of } from "./moment.ts";
import { Story } from "./story.ts";

/** What runs is told by the version that runs, and not by the state alone. */
const shownAs: Readonly<Record<Exclude<CpuState, "running" | "resumed" | "switched">, StateShown>> = {
  off: "down",
  dead: "down",
  gathering: "leaving the kernel",
  held: "held",
  stopped: "stopped",
  "irqs off": "interrupts off",
  switching: "switching",
};

interface Lane {
  state: StateShown;
  since: number;
  version: number;
  arrivedNs: number | null;
  readonly spans: Span[];
}

const running = (version: number): StateShown => (version === initialVersion ? "old version" : "patched");

/** The states of CPUs, and when each had done what the others waited for. */
class Lanes {
  private readonly scene: Scene;
  private readonly lanes = new Map<Actor, Lane>();
  private kept = 0;

  constructor(scene: Scene) {
    this.scene = scene;
  }

  state({ actor, at, state }: Of<"state">): void {
    if (state === "running" || state === "resumed" || state === "switched") return;
    this.turn(actor, at, shownAs[state]);
  }

  fact(cpu: Actor, at: number, fact: Fact): void {
    const lane = this.laneOf(cpu);
    if (fact.fact === "running" || fact.fact === "resumed") {
      lane.version = fact.version;
      this.turn(cpu, at, running(fact.version));
    } else if (fact.fact === "withdrew") this.turn(cpu, at, running(lane.version));
    else if (fact.fact === "switched" && fact.pending === 0) this.turn(cpu, at, running(fact.target));
    if ("epoch" in fact && fact.epoch === this.scene.epoch) this.arrives(lane, at, fact);
  }

  finish(): readonly CpuLane[] {
    for (const [cpu, { state }] of this.lanes) this.turn(cpu, this.scene.toNs, state, true);
    return [...this.lanes].toSorted(([a], [b]) => a - b).map(([cpu, { spans, arrivedNs }]) => ({ cpu, spans, arrivedNs }));
  }

  /** A stop waits for the last task to be held, or where nobody is held, for the last stopper; a transition for the last switch. */
  private arrives(lane: Lane, at: number, fact: Fact): void {
    if (fact.fact === "held") lane.arrivedNs = at;
    else if (fact.fact === "stopped" || (fact.fact === "switched" && fact.pending === 0)) lane.arrivedNs ??= at;
  }

  private laneOf(cpu: Actor): Lane {
    let lane = this.lanes.get(cpu);
    if (lane === undefined) {
      lane = { state: "down", since: 0, version: initialVersion, arrivedNs: null, spans: [] };
      this.lanes.set(cpu, lane);
    }
    return lane;
  }

  private turn(cpu: Actor, at: number, state: StateShown, isEnd = false): void {
    const lane = this.laneOf(cpu);
    if (lane.state === state && !isEnd) return;
    const { fromNs, toNs } = this.scene;
    const span = { fromNs: Math.max(lane.since, fromNs), toNs: Math.min(at, toNs), state: lane.state };
    if (span.toNs > span.fromNs && this.kept < filmLimits.spans) {
      lane.spans.push(span);
      this.kept++;
    }
    lane.state = state;
    lane.since = at;
  }
}

/** What says nothing of the protocol is drawn only where it got lost. */
const isNoise = (msg: Message): boolean => !isRoundMessage(msg) && msg.kind !== "ack" && msg.kind !== "withdraw";

const roundOf = (msg: Message): number | null => (isRoundMessage(msg) || msg.kind === "ack" ? msg.round : null);

/** How many tasks have switched, added up over CPUs as they tell of it. */
class SwitchCount {
  readonly steps: Array<{ atNs: number; switched: number }> = [];
  private readonly byCpu = new Map<Actor, { readonly switched: number; readonly pending: number }>();
  private total = 0;

  take(fact: Extract<Fact, { fact: "switched" }>, at: number): void {
    const before = this.byCpu.get(fact.cpu)?.switched ?? 0;
    this.byCpu.set(fact.cpu, { switched: fact.count, pending: fact.pending });
    if (fact.count === before) return;
    this.total += fact.count - before;
    this.steps.push({ atNs: fact.lastAt ?? at, switched: fact.count - before });
  }

  /** By time: CPUs tell of it later than it was. */
  result(): Film["switched"] {
    let switched = 0;
    return this.steps
      .toSorted((a, b) => a.atNs - b.atNs)
      .map(({ atNs, switched: more }) => {
        switched += more;
        return { atNs, switched };
      });
  }

  get tasks(): number {
    return [...this.byCpu.values()].reduce((sum, { switched, pending }) => sum + switched + pending, 0);
  }
}

export class Filming {
  private readonly scene: Scene;
  private readonly story: Story;
  private readonly lanes: Lanes;
  private readonly rounds: RoundFilmed[] = [];
  private readonly messages: MessageFilmed[] = [];
  private readonly faults: Array<Film["faults"][number]> = [];
  private readonly switches = new SwitchCount();
  private seen = 0;
  private hasMessages: boolean;

  constructor(header: Header, scene: Scene) {
    this.scene = scene;
    this.lanes = new Lanes(scene);
    this.hasMessages = header.mode === "full";
    this.story = new Story(header, (moment) => this.show(moment));
  }

  take(entry: Entry): void {
    this.story.take(entry);
  }

  /** From here on the journal holds facts only. */
  factsOnly(at: number): void {
    if (at < this.scene.toNs) this.hasMessages = false;
    this.story.factsOnly();
  }

  finish(): Film {
    this.story.finish();
    const { scene, rounds, messages, seen, faults, switches, hasMessages } = this;
    return {
      ...scene,
      rounds,
      lanes: this.lanes.finish(),
      messages,
      messagesSeen: seen,
      hasMessages,
      faults,
      switched: switches.result(),
      tasks: switches.tasks,
    };
  }

  private show(moment: Moment): void {
    switch (moment.is) {
      case "state":
        if (moment.at <= this.scene.toNs) this.lanes.state(moment);
        return;
      case "fact":
        return this.fact(moment);
      case "arrived": {
        const { sent, actor, at, copy } = moment;
        if (sent !== null && !isNoise(sent.msg)) this.message(sent, { to: actor, arrivedNs: at, copy, why: null });
        return;
      }
      case "missed":
        for (const to of moment.by) this.message(moment.sent, { to, arrivedNs: null, copy: false, why: moment.why });
        return;
      case "fault":
        if (this.isWithin(moment.at) && this.faults.length < filmLimits.faults)
          this.faults.push({ atNs: moment.at, actor: moment.actor, text: moment.text });
        return;
      default:
    }
  }

  private fact({ fact, actor, at }: Of<"fact">): void {
    if (at <= this.scene.toNs && !isCoordinator(actor)) this.lanes.fact(actor, at, fact);
    if (!("epoch" in fact) || fact.epoch !== this.scene.epoch) return;
    if (fact.fact === "asked") this.rounds.push({ round: fact.round, phase: fact.ask.do, askedNs: at, endedNs: null });
    else if (fact.fact === "switched") this.switches.take(fact, at);
    else if (fact.fact === "round-ended") {
      const place = this.rounds.findLastIndex(({ round }) => round === fact.round);
      const round = this.rounds[place];
      if (round !== undefined) this.rounds[place] = { ...round, endedNs: at };
    }
  }

  private message({ from, at, msg, again }: Of<"sent">["sent"], how: Pick<MessageFilmed, "to" | "arrivedNs" | "copy" | "why">): void {
    if (!this.isWithin(at)) return;
    this.seen++;
    if (this.messages.length === filmLimits.messages) return;
    this.messages.push({ from, sentNs: at, label: labelOf(msg), round: roundOf(msg), again, ...how });
  }

  private isWithin(at: number): boolean {
    return at >= this.scene.fromNs && at <= this.scene.toNs;
  }
}
