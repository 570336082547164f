// CPUs of one process that nothing tells apart take their steps as one: a broadcast to an idle machine is then one step, however large it is.
//
// Two CPUs differ in their number, in the streams that they draw from, and in what has befallen them. Where the last is the same, and both
// are told the same at the same time, they do the same, unless what they are told names one of them or they draw. Who is named leaves the
// cohort before the step. Who would draw is found out: a cohort has nobody's stream, and a draw from that ends the step without effect.
import type { CpuLife } from "../../kernel/cpuLife.ts";
import type { Life } from "../../kernel/life.ts";
import { drainLog } from "../../kernel/requests/requests.ts";
import { type CpuSet, lowest, oneCpu, size, union, without } from "../../machine/cpuSet.ts";
import type { Random } from "../../machine/random.ts";
import type { Message } from "../messages.ts";
import type { AnyInput, AnyOutput } from "../observer.ts";
import type { CpuMachine } from "./cpu.ts";
import { hasSameFields } from "./likeness.ts";
import { Looked, ownStream } from "./own.ts";
import { type CpuState, isInStop } from "./state.ts";

/** The CPUs that a message names: only they may do something else than others that it reaches. */
export const namedIn = (msg: Message): readonly number[] => {
  switch (msg.kind) {
    case "stop":
      return [...combinerOf(msg), ...(msg.ask.do === "run" ? [msg.ask.active] : msg.ask.do === "disable-irq" ? [msg.ask.walker] : [])];
    case "transition":
      return [...combinerOf(msg), ...("caller" in msg.ask ? [msg.ask.caller] : [])];
    case "text":
      return combinerOf(msg);
    case "welcome":
      return [msg.cpu];
    default:
      return [];
  }
};

const combinerOf = ({ relay }: Message & { kind: "stop" | "transition" | "text" }): readonly number[] =>
  relay === undefined ? [] : [lowest(relay.subtree)];

/** What a CPU draws from. */
interface Streams {
  readonly own: Random;
  readonly life: Random;
}

/** A CPU that has been welcomed. Before that each draws its own pauses, and after it nobody asks how often it did. */
type Up = CpuState<CpuLife> & { life: CpuLife };

const ownFields: ReadonlySet<string> = new Set(["cpu", "random", "life", "helloTries"]);
const ownOfLife: ReadonlySet<string> = new Set(["random"]);

const isUp = (state: CpuState<CpuLife>): state is Up => state.life !== null;

const withStreams = (state: Up, cpu: number, { own, life }: Streams): Up => ({
  ...state,
  cpu,
  random: own,
  life: { ...state.life, random: life },
});

/** Plain data, but for streams, which are nobody's. */
const copyOf = <T>(value: T): T => {
  if (typeof value !== "object" || value === null || Object.is(value, ownStream)) return value;
  if (Array.isArray(value)) return (value.length === 0 ? value : value.map(copyOf)) as T;
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copyOf(value[key]);
  return copy as T;
};

export class Cohort {
  private readonly machine: CpuMachine<CpuLife>;
  private members: CpuSet;
  private state: CpuState<CpuLife>;
  /** What each draws from, where it is not alone. */
  private readonly streams: Map<number, Streams>;

  private constructor(machine: CpuMachine<CpuLife>, members: CpuSet, state: CpuState<CpuLife>, streams: Map<number, Streams>) {
    this.machine = machine;
    this.members = members;
    this.state = state;
    this.streams = streams;
  }

  /** A new life of one CPU. */
  static of(machine: CpuMachine<CpuLife>, cpu: number): Cohort {
    return new Cohort(machine, oneCpu(cpu), machine.init(cpu), new Map());
  }

  get cpus(): CpuSet {
    return this.members;
  }

  /** False while, or because, each draws for itself: it greets, or its tasks have been met. */
  get mayJoin(): boolean {
    return isUp(this.state) && this.state.life.tasks.length === 0;
  }

  isInStop(): boolean {
    return isInStop(this.state);
  }

  /** What the lowest of them makes of it; the others do the same with their own numbers. Null where each would draw: nothing has happened. */
  step(input: AnyInput): readonly AnyOutput[] | null {
    const alone = this.streams.size === 0;
    try {
      // The cast states what whoever hands an input over knows: its timer is one of a CPU's.
      const [next, outputs] = this.machine.step(alone ? this.state : copyOf(this.state), input as Parameters<typeof this.machine.step>[1]);
      this.state = next;
      return outputs;
    } catch (error) {
      if (error instanceof Looked) return null;
      throw error;
    }
  }

  /**
   * Brings the tasks of a CPU under load up to date. How often that is done changes nothing but how much is left to do when it is told something;
   * what was answered meanwhile can be found out from its inputs, and is forgotten here.
   */
  attend(life: Life<CpuLife>, at: number): void {
    const { state } = this;
    if (!isUp(state) || state.life.requests === null) return;
    life.advance(state.life, Math.max(at, state.life.now));
    drainLog(state.life.requests, () => {});
  }

  /** Some of them, but not all, leave as they are. */
  split(leaving: CpuSet): Cohort {
    const streams = new Map<number, Streams>();
    for (let i = 0; i < leaving.length; i += 2) {
      for (let cpu = leaving[i] as number; cpu <= (leaving[i + 1] as number); cpu++) {
        streams.set(cpu, this.streams.get(cpu) as Streams);
        this.streams.delete(cpu);
      }
    }
    const others = new Cohort(this.machine, leaving, copyOf(this.state), streams);
    this.members = without(this.members, leaving);
    others.settle();
    this.settle();
    return others;
  }

  /** Takes in those that nothing tells apart from these. False if something does. */
  join(other: Cohort): boolean {
    const { state } = this;
    if (!isUp(state) || !isUp(other.state)) return false;
    if (!hasSameFields(state, other.state, ownFields) || !hasSameFields(state.life, other.state.life, ownOfLife)) return false;
    this.giveUpStreams();
    other.giveUpStreams();
    for (const [cpu, streams] of other.streams) this.streams.set(cpu, streams);
    this.members = union(this.members, other.members);
    this.settle();
    return true;
  }

  /** Whoever is alone has its streams in its state; of several the state is the lowest's, with nobody's. */
  private settle(): void {
    const first = lowest(this.members);
    const alone = size(this.members) === 1;
    this.state = withStreams(this.state as Up, first, alone ? (this.streams.get(first) as Streams) : { own: ownStream, life: ownStream });
    if (alone) this.streams.clear();
  }

  private giveUpStreams(): void {
    if (this.streams.size === 0) {
      const { cpu, random, life } = this.state as Up;
      this.streams.set(cpu, { own: random, life: life.random });
    }
  }
}
