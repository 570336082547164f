// A journal told as moments: a fold over its entries, in their order, of virtual and of live runs.
import type { Entry, Header } from "../journal/entry.ts";
import { type Actor, isCoordinator } from "../machine/machine.ts";
import type { Fact } from "../protocol/facts.ts";
import type { Phase } from "../protocol/messages.ts";
import { initialVersion } from "../protocol/setup.ts";
import { type CpuState, stateAfter } from "../report/cpuStates.ts";
import { Exchange } from "./exchange.ts";
import { isEnding, Lives } from "./lives.ts";
import type { Show } from "./moment.ts";
import { tripsOf } from "./trips.ts";

interface Lane {
  state: CpuState;
  text: string;
  version: number;
  incarnation: number;
}

type CpuFactOf<Name extends Fact["fact"]> = Extract<Fact, { readonly fact: Name }>;

export class Story {
  private readonly show: Show;
  private readonly lives = new Lives();
  private readonly exchange: Exchange;
  private readonly lanes = new Map<Actor, Lane>();
  private readonly clocks = new Map<Actor, number>();
  /** What the rounds of the newest epoch ask. */
  private readonly asked = new Map<number, Phase>();
  private epoch = 0;
  private endAt = 0;

  constructor(header: Header, show: Show) {
    this.show = show;
    this.exchange = new Exchange(tripsOf(header), this.lives, show);
  }

  take(entry: Entry): void {
    const { actor, at, clock } = entry;
    this.endAt = Math.max(this.endAt, at);
    if (entry.kind === "input") this.input(entry);
    else if (entry.kind === "output") this.output(entry);
    else if (entry.kind === "fact") this.fact(entry, entry.body);
    else this.fault(entry);
    if (entry.kind !== "fault") this.clocks.set(actor, clock);
  }

  /** From here on the journal holds facts only: what arrives is not written down. */
  factsOnly(): void {
    this.exchange.finish(this.endAt);
  }

  finish(): void {
    this.exchange.finish(this.endAt);
  }

  private input({ actor, at, clock, body }: Extract<Entry, { kind: "input" }>): void {
    switch (body.kind) {
      case "start":
        return this.lives.starts(actor, at);
      case "deliver": {
        const clockBefore = this.clocks.get(actor) ?? 0;
        return this.exchange.arrive({ at, clock, actor, from: body.from, msg: body.msg, clockBefore });
      }
      case "timeout":
        return this.show({ is: "timeout", at, clock, actor, timer: body.timer });
      default:
    }
  }

  private output({ body, ...turn }: Extract<Entry, { kind: "output" }>): void {
    if (body.kind === "send") this.exchange.send(turn, body.to, body.msg, body.afterNs);
  }

  private fault({ actor, at, clock, body }: Extract<Entry, { kind: "fault" }>): void {
    const ends = isEnding(body.effect);
    this.show({ is: "fault", at, clock, actor, text: body.text, ends });
    if (ends) this.ends(actor, at, clock);
  }

  private ends(actor: Actor, at: number, clock: number): void {
    this.lives.ends(actor, at);
    if (!isCoordinator(actor)) this.change(actor, at, clock, "dead", "dead");
  }

  private fact({ actor, at, clock }: Entry, fact: Fact): void {
    if (fact.fact === "asked") this.asks(fact, at);
    else if (fact.fact === "took") this.lives.starts(actor, at);
    else if (fact.fact === "died") this.died(fact, at, clock);
    else if (!isCoordinator(actor)) this.ofCpu(actor, at, clock, fact);
    this.show({ is: "fact", at, clock, actor, fact });
  }

  private asks({ epoch, round, ask }: CpuFactOf<"asked">, at: number): void {
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.asked.clear();
      this.exchange.turnOver(at);
    }
    this.asked.set(round, ask.do);
  }

  /** A coordinator has heard of it; the fault that killed the CPU has usually said so before. */
  private died({ cpu, incarnation }: CpuFactOf<"died">, at: number, clock: number): void {
    const lane = this.lanes.get(cpu);
    if (lane !== undefined && lane.incarnation === incarnation && lane.state !== "dead") this.ends(cpu, at, clock);
  }

  private ofCpu(cpu: number, at: number, clock: number, fact: Fact): void {
    const lane = this.laneOf(cpu);
    if (fact.fact === "booted") {
      lane.incarnation = fact.incarnation;
      this.lives.starts(cpu, at);
    }
    if (fact.fact === "running" || fact.fact === "resumed") lane.version = fact.version;
    const state = this.stateAfter(fact);
    if (state !== undefined) this.change(cpu, at, clock, state, textOf(state, fact, lane.version));
  }

  private stateAfter(fact: Fact): CpuState | undefined {
    if (fact.fact === "switched") return fact.pending > 0 ? "switching" : "switched";
    if (fact.fact === "wrote") return "irqs off";
    // Elsewhere it is the stopper that waits, and the CPU stays what it was.
    if (fact.fact === "blocked") return fact.epoch === this.epoch && this.asked.get(fact.round) === "gather" ? "gathering" : undefined;
    return stateAfter[fact.fact];
  }

  private laneOf(cpu: number): Lane {
    let lane = this.lanes.get(cpu);
    if (lane === undefined) {
      lane = { state: "off", text: "", version: initialVersion, incarnation: 0 };
      this.lanes.set(cpu, lane);
    }
    return lane;
  }

  private change(cpu: number, at: number, clock: number, state: CpuState, text: string): void {
    const lane = this.laneOf(cpu);
    if (lane.text === text) return;
    lane.state = state;
    lane.text = text;
    this.show({ is: "state", at, clock, actor: cpu, state, text });
  }
}

const textOf = (state: CpuState, fact: Fact, version: number): string => {
  if (fact.fact === "voted") return `irqs off, voted ${fact.report.kind}`;
  if (fact.fact === "wrote") return "irqs off, wrote the text";
  return state === "running" || state === "resumed" ? `running v${version}` : state;
};
