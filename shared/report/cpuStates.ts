// What each CPU is at, and what the coordinator waits for, as a fold over turns: what the progress display shows.
import { forEach, size } from "../machine/cpuSet.ts";
import { isCoordinator } from "../machine/machine.ts";
import type { Fact } from "../protocol/facts.ts";
import type { Ack, Phase, ToCoordinator } from "../protocol/messages.ts";
import type { TurnsAlike, TurnTaken } from "../protocol/observer.ts";

/** In the order of a stop, and of a transition: of several CPUs in one cell of a display, the least advanced one is shown. */
export const cpuStates = [
  "dead",
  "off",
  "running",
  "gathering",
  "switching",
  "held",
  "stopped",
  "irqs off",
  "switched",
  "resumed",
] as const;
export type CpuState = (typeof cpuStates)[number];

const code = (state: CpuState): number => cpuStates.indexOf(state);

/** What a fact says of its CPU's state. */
export const stateAfter: { readonly [Name in Fact["fact"]]?: CpuState } = {
  booted: "off",
  running: "running",
  held: "held",
  stopped: "stopped",
  voted: "irqs off",
  resumed: "resumed",
  withdrew: "running",
};

/** What a CPU is at once it has acked a round of a phase and has nobody left to wait for. */
export const stateAtAck: Readonly<Record<Phase, CpuState | null>> = {
  gather: "held",
  prepare: "stopped",
  "disable-irq": "irqs off",
  run: "irqs off",
  exit: "resumed",
  // What does not stop a CPU leaves it as it was.
  poke: null,
  start: "switched",
  check: "switched",
  signal: "switched",
  reverse: "switched",
  force: "switched",
  sync: null,
  complete: "resumed",
  cancel: "resumed",
};

/** The round that is under way. */
export interface RoundShown {
  readonly epoch: number;
  readonly phase: Phase;
  readonly acks: number;
  readonly of: number;
}

export class CpuStates {
  /** The time of the last turn, on the engine's clock. */
  atNs = 0;
  private readonly states: Uint8Array;
  private readonly acked: Uint8Array;
  private epoch = 0;
  private round = 0;
  private phase: Phase | null = null;
  private acks = 0;
  private of = 0;

  constructor(cpus: number) {
    this.states = new Uint8Array(cpus).fill(code("off"));
    this.acked = new Uint8Array(cpus);
  }

  turn({ actor, input, outputs }: TurnTaken): void {
    this.atNs = Math.max(this.atNs, input.at);
    if (isCoordinator(actor)) {
      if (input.kind === "deliver" && input.msg.kind === "ack") this.ack(input.msg);
    }
    for (const output of outputs) if (output.kind === "announce") this.fact(output.fact);
  }

  /** Turns that CPUs took alike. */
  alike({ cpus, times, outputs }: TurnsAlike): void {
    for (const output of outputs) {
      if (output.kind === "announce") for (const cpu of cpus) this.fact({ ...output.fact, cpu } as Fact);
    }
    for (const at of times) if (at > this.atNs) this.atNs = at;
  }

  /** A fact that came without its turn: all that a live run tells while it goes on. */
  announce(at: number, fact: Fact): void {
    this.atNs = Math.max(this.atNs, at);
    this.fact(fact);
  }

  /** An answer of a CPU, as it was heard on its way to the coordinator. */
  hear(msg: ToCoordinator): void {
    if (msg.kind === "hello") return;
    if (msg.kind === "withdraw") return this.set(msg.cpu, "running");
    if (msg.epoch !== this.epoch || msg.round !== this.round || this.phase === null) return;
    this.ack(msg);
    const state = stateAtAck[this.phase];
    const isWaiting = msg.report.kind === "pending" && msg.report.busy.length > 0;
    if (state !== null) forEach(msg.cpus, (cpu) => this.set(cpu, isWaiting ? "switching" : state));
  }

  stateOf(cpu: number): CpuState {
    return cpuStates[this.states[cpu] as number] as CpuState;
  }

  /** The machine in at most `cells` cells of neighbouring CPUs, each with the state of its least advanced CPU. */
  cells(cells: number): readonly CpuState[] {
    const { length } = this.states;
    const shown = Math.min(cells, length);
    return Array.from({ length: shown }, (_, cell) => {
      const from = Math.floor((cell * length) / shown);
      const to = Math.floor(((cell + 1) * length) / shown);
      let least = cpuStates.length - 1;
      for (let cpu = from; cpu < to; cpu++) least = Math.min(least, this.states[cpu] as number);
      return cpuStates[least] as CpuState;
    });
  }

  /** Null before the first round. */
  underWay(): RoundShown | null {
    const { epoch, phase, acks, of } = this;
    return phase === null ? null : { epoch, phase, acks, of };
  }

  private set(cpu: number, state: CpuState): void {
    if (cpu < this.states.length) this.states[cpu] = code(state);
  }

  private ack({ cpus, epoch, round }: Ack): void {
    if (epoch !== this.epoch || round !== this.round) return;
    forEach(cpus, (cpu) => {
      if (this.acked[cpu] !== 0) return;
      this.acked[cpu] = 1;
      this.acks++;
    });
  }

  private fact(fact: Fact): void {
    if (fact.fact === "asked") {
      this.epoch = fact.epoch;
      this.round = fact.round;
      this.phase = fact.ask.do;
      this.acks = 0;
      this.of = size(fact.of);
      this.acked.fill(0);
      if (fact.ask.do === "gather") forEach(fact.of, (cpu) => this.set(cpu, "gathering"));
      return;
    }
    if (fact.fact === "switched") return this.set(fact.cpu, fact.pending > 0 ? "switching" : "switched");
    if (fact.fact === "died") this.set(fact.cpu, "dead");
    else if (fact.fact === "admitted") for (const [cpu] of fact.incarnations) this.set(cpu, "running");
    const state = stateAfter[fact.fact];
    if (state !== undefined && "cpu" in fact) this.set(fact.cpu, state);
  }
}
