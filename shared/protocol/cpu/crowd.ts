// CPUs in one state, but for what is each one's own: what one of them does when it is told something, all others do as well.
//
// They need not be told at the same time, nor by the same CPU. So one step is taken for all, in which the time is a number of each one's
// own, and what became of it is remembered: a move from this crowd to another. Where the step would look at what is its own (add to the
// time, compare it, draw), there is no such move, and each has to step alone. Whoever a message names steps alone too.
import type { CpuLife } from "../../kernel/cpuLife.ts";
import { type CpuSet, oneCpu } from "../../machine/cpuSet.ts";
import { type Actor, isCoordinator } from "../../machine/machine.ts";
import type { Random } from "../../machine/random.ts";
import type { Ack, Message, Phase, RoundMessage } from "../messages.ts";
import type { AnyOutput } from "../observer.ts";
import { compareStamps } from "../stamp.ts";
import { namedIn } from "./cohort.ts";
import type { CpuMachine } from "./cpu.ts";
import { isSame } from "./likeness.ts";
import { holdsOwn, Looked, OwnNumber, ownStream } from "./own.ts";
import type { CpuOutput, CpuState } from "./state.ts";

type Up = CpuState<CpuLife> & { life: CpuLife };

/** What every member but those that the message names makes of it, here as CPU `of`. */
export interface Move {
  readonly of: number;
  /** Nobody of the crowd has answered this yet. */
  readonly isFirst: boolean;
  readonly named: readonly number[];
  readonly to: Crowd;
  readonly outputs: readonly CpuOutput[];
  /** When each took it, and who asked each: to be noted of everyone that makes the move. */
  readonly at: OwnNumber;
  readonly asker: OwnNumber | null;
}

/** A move, or that there is none; and which message it is for. */
interface Met {
  readonly msg: RoundMessage;
  readonly isStraight: boolean;
  readonly move: Move | null;
}

/** The streams of all CPUs of a machine, as long as they are in crowds: four words that a CPU draws from, and four of its life. */
export class Streams {
  private readonly words: Int32Array;

  constructor(cpus: number) {
    this.words = new Int32Array(8 * cpus);
  }

  keep(cpu: number, own: Random, life: Random): void {
    const { words } = this;
    const i = 8 * cpu;
    words[i] = own.a;
    words[i + 1] = own.b;
    words[i + 2] = own.c;
    words[i + 3] = own.d;
    words[i + 4] = life.a;
    words[i + 5] = life.b;
    words[i + 6] = life.c;
    words[i + 7] = life.d;
  }

  own(cpu: number): Random {
    return this.at(8 * cpu);
  }

  life(cpu: number): Random {
    return this.at(8 * cpu + 4);
  }

  private at(i: number): Random {
    const { words } = this;
    return { a: words[i] as number, b: words[i + 1] as number, c: words[i + 2] as number, d: words[i + 3] as number };
  }
}

/** What of a CPU that has just said its first hello is its own; once it is welcomed nobody asks how often it did. */
const ownOfGreeter = new Set<string>(["cpu", "random", "life"] satisfies Array<keyof Up>);
const ownOfNewcomer = new Set<string>(["cpu", "random", "life", "helloTries"] satisfies Array<keyof Up>);
/** And of its life, all that says when it began. */
const ownOfLife = new Set<string>(["random", "bornAt", "now", "sliceEndsAt"] satisfies Array<keyof CpuLife>);

const othersOf = (value: object, own: ReadonlySet<string>): readonly string[] => Object.keys(value).filter((key) => !own.has(key));

type Fields = Readonly<Record<string, unknown>>;

const areSame = (a: object, b: object, fields: readonly string[]): boolean => {
  for (const field of fields) if ((a as Fields)[field] !== (b as Fields)[field]) return false;
  return true;
};

type AnyCpu = CpuState<CpuLife>;

/** Nothing in it says anything of single other CPUs: those would be named by what it does, or do something else. */
const knowsNobody = ({ dead, served, call, combining, owed, deferred }: AnyCpu): boolean =>
  dead === null && served === null && call === null && combining === null && owed.length === 0 && deferred.length === 0;

const isIdle = ({ tasks, operation, requests }: CpuLife): boolean => tasks.length === 0 && operation === null && requests === null;

const isUp = (state: AnyCpu): state is Up => state.life !== null;

/** It has done nothing yet but to greet, or to come up. */
const isNew = (state: AnyCpu): boolean => {
  const { life, asker } = state;
  const isJustUp = life === null || (isIdle(life) && life.bornAt === life.now && life.sliceEndsAt === life.now);
  return isJustUp && asker === null && knowsNobody(state);
};

const isJust = (cpus: CpuSet, cpu: number): boolean => cpus.length === 2 && cpus[0] === cpu && cpus[1] === cpu;

/** A plain fact, timer or ack, in which nothing but the CPU's number, and that of its asker, is its own. */
const isOfEveryone = (output: CpuOutput, of: number, from: Actor): boolean => {
  if (holdsOwn(output)) return false;
  switch (output.kind) {
    case "announce":
      return "cpu" in output.fact && output.fact.cpu === of;
    case "send":
      return isOwnAck(output.msg, of) && (output.to === "coordinators" || isJust(output.to, from));
    case "set-timer":
    case "cancel-timer":
      return true;
    case "propose":
      return false;
  }
};

const isOwnAck = (msg: Message, of: number): boolean => msg.kind === "ack" && msg.carrier === undefined && isJust(msg.cpus, of);

/** Only its fields, and those of its life, may be its own, and nothing deeper down. */
const hidesOwn = ({ random: _, life, ...fields }: Up): boolean =>
  [...Object.values(fields), ...Object.values({ ...life, random: null })].some((value) => !(value instanceof OwnNumber) && holdsOwn(value));

const ownNumbersIn = (value: object): readonly string[] =>
  Object.entries(value).flatMap(([field, of]) => (of instanceof OwnNumber ? [field] : []));

/** Puts what it is for this CPU in the place of a number that each has of its own. */
const giveOwn = (value: object, field: string, cpu: number): void => {
  const fields = value as Record<string, unknown>;
  fields[field] = (fields[field] as OwnNumber).values[cpu];
};

/** Mostly it is the very same ask, handed on and repeated. */
const isSameAsking = (a: RoundMessage, b: RoundMessage): boolean => (a.ask === b.ask || isSame(a.ask, b.ask)) && compareStamps(a, b) === 0;

/** A crowd is asked one thing, and perhaps again, or late: whoever is asked for more than this steps alone. */
const metLimit = 8;

/** The ack of a member as that of another. */
export const saidBy = (ack: Ack, cpu: number): Ack => ({ ...ack, cpus: oneCpu(cpu) });

/** The outputs of a move as `cpu` makes them, that was told by `from`. */
export const outputsOf = ({ outputs }: Move, cpu: number, from: Actor): readonly AnyOutput[] =>
  outputs.map((output): AnyOutput => {
    if (output.kind === "announce") return { kind: "announce", fact: { ...output.fact, cpu } as typeof output.fact };
    if (output.kind !== "send") return output;
    const to = output.to === "coordinators" ? output.to : oneCpu(from);
    return { ...output, to, msg: saidBy(output.msg as Ack, cpu) };
  });

export class Crowd {
  private readonly machine: CpuMachine<CpuLife>;
  private readonly cpus: number;
  private readonly state: AnyCpu;
  /** What it was asked last. */
  readonly phase: Phase | undefined;
  private readonly met: Met[] = [];
  private readonly fields: readonly string[];
  private readonly fieldsOfLife: readonly string[];
  private readonly ownNumbers: readonly string[];
  private readonly ownNumbersOfLife: readonly string[];

  private constructor(machine: CpuMachine<CpuLife>, cpus: number, state: AnyCpu, phase?: Phase) {
    this.phase = phase;
    this.machine = machine;
    this.cpus = cpus;
    this.state = state;
    this.fields = othersOf(state, isUp(state) ? ownOfNewcomer : ownOfGreeter);
    this.fieldsOfLife = othersOf(state.life ?? {}, ownOfLife);
    this.ownNumbers = ownNumbersIn(state);
    this.ownNumbersOfLife = ownNumbersIn(state.life ?? {});
  }

  /** Of CPUs that have just greeted, or just been welcomed, as this one has. Undefined if it is not like any other. `cpus`: of the whole machine. */
  static of(machine: CpuMachine<CpuLife>, cpus: number, state: AnyCpu): Crowd | undefined {
    if (!isNew(state)) return undefined;
    const bornAt = isUp(state) ? new OwnNumber(cpus).asNumber : 0;
    const life = state.life && { ...state.life, random: ownStream, bornAt, now: bornAt, sliceEndsAt: bornAt };
    return new Crowd(machine, cpus, { ...state, random: ownStream, life });
  }

  /** Takes in a CPU that is new as well. False if something tells it apart. */
  join(state: AnyCpu, streams: Streams): boolean {
    const { life } = this.state;
    if (!isNew(state) || !areSame(state, this.state, this.fields)) return false;
    streams.keep(state.cpu, state.random, state.life?.random ?? state.random);
    if (life === null || state.life === null) return life === state.life;
    if (!areSame(state.life, life, this.fieldsOfLife)) return false;
    (life.now as unknown as OwnNumber).values[state.cpu] = state.life.now;
    return true;
  }

  /** What a member does that is told this; null if it has to step alone. */
  moveOn(msg: RoundMessage, from: Actor, cpu: number): Move | null {
    if (msg.relay !== undefined) return null;
    const isStraight = isCoordinator(from);
    for (const one of this.met)
      if (one.isStraight === isStraight && isSameAsking(one.msg, msg)) return one.move?.named.includes(cpu) === true ? null : one.move;
    const named = namedIn(msg);
    if (named.includes(cpu) || this.met.length === metLimit) return null;
    const move = this.step(msg, from, cpu, named);
    this.met.push({ msg, isStraight, move });
    return move;
  }

  /** The state of a member that leaves. */
  stateOf(cpu: number, streams: Streams): AnyCpu {
    const life = this.state.life && { ...this.state.life, random: streams.life(cpu) };
    const state = { ...this.state, cpu, random: streams.own(cpu), life };
    for (const field of this.ownNumbers) giveOwn(state, field, cpu);
    if (life !== null) for (const field of this.ownNumbersOfLife) giveOwn(life, field, cpu);
    return state;
  }

  private step(msg: RoundMessage, from: Actor, of: number, named: readonly number[]): Move | null {
    const { machine, cpus, state } = this;
    if (!isUp(state)) return null;
    const at = new OwnNumber(cpus);
    try {
      const copy = { ...state, cpu: of, life: { ...state.life } };
      const [next, outputs] = machine.step(copy, { kind: "deliver", at: at.asNumber, from, msg });
      if (
        !isUp(next) ||
        !isIdle(next.life) ||
        !knowsNobody(next) ||
        hidesOwn(next) ||
        !outputs.every((output) => isOfEveryone(output, of, from))
      )
        return null;
      const asker = next.asker === from ? new OwnNumber(cpus) : null;
      if (asker !== null) next.asker = asker.asNumber;
      return { of, named, isFirst: compareStamps(msg, state) > 0, to: new Crowd(machine, cpus, next, msg.ask.do), outputs, at, asker };
    } catch (error) {
      if (error instanceof Looked) return null;
      throw error;
    }
  }
}
