// CPUs in one state, but for what is each one's own: what one of them does when it is told something, all others do as well.
//
// They need not be told at the same time, nor by the same CPU. So one step is taken for all, in which the time is a number of each one's
// own, and what became of it is remembered: a move from this crowd to another. Where the step would look at what is its own (add to the
// time, compare it, draw), there is no such move, and each has to step alone. Whoever a message names steps alone too.
import type { CpuLife } from "../../kernel/cpuLife.ts";
import { oneCpu } from "../../machine/cpuSet.ts";
import { type Actor, isCoordinator } from "../../machine/machine.ts";
import type { Random } from "../../machine/random.ts";
import { type Ack, isRoundMessage, type Message, type Phase, type RoundMessage, type Welcome } from "../messages.ts";
import type { AnyOutput } from "../observer.ts";
import { compareStamps } from "../stamp.ts";
import { namedIn } from "./cohort.ts";
import { type CpuMachine, lifeStream } from "./cpu.ts";
import { hasSameFields, isOne, isSame } from "./likeness.ts";
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

/** What all of a crowd may be told: a round's ask, or that they are welcome, each by its own number. */
export type Told = RoundMessage | Welcome;

export const isTold = (msg: Message): msg is Told => isRoundMessage(msg) || msg.kind === "welcome";

/** A move, or that there is none; and which message it is for. */
interface Met {
  readonly msg: Told;
  readonly isStraight: boolean;
  readonly move: Move | null;
}

/** What the CPUs of a machine draw from, as long as they are in crowds: four words each. Nothing has been drawn from the streams of their lives. */
export class Streams {
  readonly seed: number;
  private readonly words: Int32Array;

  constructor(seed: number, cpus: number) {
    this.seed = seed;
    this.words = new Int32Array(4 * cpus);
  }

  keep(cpu: number, { a, b, c, d }: Random): void {
    const { words } = this;
    const i = 4 * cpu;
    words[i] = a;
    words[i + 1] = b;
    words[i + 2] = c;
    words[i + 3] = d;
  }

  own(cpu: number): Random {
    const { words } = this;
    const i = 4 * cpu;
    return { a: words[i] as number, b: words[i + 1] as number, c: words[i + 2] as number, d: words[i + 3] as number };
  }

  /** True of the stream of a life from which nothing has been drawn. */
  isUntouched({ cpu, incarnation }: AnyCpu, life: Random): boolean {
    return isSame(life, lifeStream(this.seed, cpu, incarnation));
  }
}

/** What of a life that has just begun is its own: whatever says when. */
const ownOfLife: ReadonlySet<string> = new Set(["random", "bornAt", "now", "sliceEndsAt"] satisfies Array<keyof CpuLife>);

type AnyCpu = CpuState<CpuLife>;

/** But for its number, stream and life, and how often it has greeted. Spelled out, since a large machine asks it a million times. */
const areAlike = (a: AnyCpu, b: AnyCpu): boolean =>
  a.incarnation === b.incarnation &&
  a.version === b.version &&
  a.stage === b.stage &&
  a.term === b.term &&
  a.epoch === b.epoch &&
  a.round === b.round &&
  a.ask === b.ask &&
  a.report === b.report &&
  a.asker === b.asker &&
  a.combining === b.combining &&
  a.updatingSince === b.updatingSince &&
  a.answeredAt === b.answeredAt &&
  a.workNs === b.workNs &&
  a.leftEpoch === b.leftEpoch &&
  a.leftHow === b.leftHow &&
  a.deferred === b.deferred &&
  a.call === b.call &&
  a.nextCall === b.nextCall &&
  a.rescheduleAt === b.rescheduleAt &&
  a.dead === b.dead &&
  a.served === b.served &&
  a.owed === b.owed &&
  a.nmi === b.nmi;

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

/** A plain fact, timer or ack, in which nothing but the CPU's number, and that of its asker, is its own. */
const isOfEveryone = (output: CpuOutput, of: number, from: Actor): boolean => {
  if (holdsOwn(output)) return false;
  switch (output.kind) {
    case "announce":
      return "cpu" in output.fact && output.fact.cpu === of;
    case "send":
      return isOwnAck(output.msg, of) && (output.to === "coordinators" || isOne(output.to, from));
    case "set-timer":
    case "cancel-timer":
      return true;
    case "propose":
      return false;
  }
};

const isOwnAck = (msg: Message, of: number): boolean => msg.kind === "ack" && msg.carrier === undefined && isOne(msg.cpus, of);

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

const isSameWelcome = (a: Welcome, b: Welcome): boolean =>
  a.term === b.term && a.epoch === b.epoch && a.incarnation === b.incarnation && a.version === b.version;

/** Mostly it is the very same ask, handed on and repeated. */
const isSameTold = (a: Told, b: Told): boolean => {
  if (a.kind === "welcome") return b.kind === "welcome" && isSameWelcome(a, b);
  if (b.kind === "welcome") return false;
  return (a.ask === b.ask || isSame(a.ask, b.ask)) && compareStamps(a, b) === 0;
};

/** A welcome says nothing of anybody else. */
const othersNamedIn = (msg: Told): readonly number[] => (msg.kind === "welcome" ? [] : namedIn(msg));

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

/** The machine that a crowd is of: what its CPUs go by, how many there are, and what they draw from. */
export interface Whole {
  readonly machine: CpuMachine<CpuLife>;
  readonly cpus: number;
  readonly streams: Streams;
}

export class Crowd {
  private readonly whole: Whole;
  private readonly state: AnyCpu;
  /** What it was asked last. */
  readonly phase: Phase | undefined;
  private readonly met: Met[] = [];
  private readonly ownNumbers: readonly string[];
  private readonly ownNumbersOfLife: readonly string[];

  private constructor(whole: Whole, state: AnyCpu, phase?: Phase) {
    this.phase = phase;
    this.whole = whole;
    this.state = state;
    this.ownNumbers = ownNumbersIn(state);
    this.ownNumbersOfLife = ownNumbersIn(state.life ?? {});
  }

  /** Of CPUs that have just greeted, or just been welcomed, as this one has. Undefined if it is not like any other. */
  static of(whole: Whole, state: AnyCpu): Crowd | undefined {
    if (!isNew(state)) return undefined;
    const bornAt = isUp(state) ? new OwnNumber(whole.cpus).asNumber : 0;
    const life = state.life && { ...state.life, random: ownStream, bornAt, now: bornAt, sliceEndsAt: bornAt };
    return new Crowd(whole, { ...state, random: ownStream, life });
  }

  /** Takes in a CPU that is new as well. False if something tells it apart. */
  join(state: AnyCpu): boolean {
    const { streams } = this.whole;
    const { life } = this.state;
    if (!isNew(state) || !areAlike(state, this.state)) return false;
    if (life !== null && state.life !== null) {
      // Once it is welcomed nobody asks how often it had greeted.
      if (!hasSameFields(state.life, life, ownOfLife) || !streams.isUntouched(state, state.life.random)) return false;
      (life.now as unknown as OwnNumber).values[state.cpu] = state.life.now;
    } else if (life !== state.life || state.helloTries !== this.state.helloTries) return false;
    streams.keep(state.cpu, state.random);
    return true;
  }

  /** What a member does that is told this; null if it has to step alone. */
  moveOn(msg: Told, from: Actor, cpu: number): Move | null {
    if (msg.kind === "welcome" ? msg.cpu !== cpu : msg.relay !== undefined) return null;
    const isStraight = isCoordinator(from);
    for (const one of this.met)
      if (one.isStraight === isStraight && isSameTold(one.msg, msg)) return one.move?.named.includes(cpu) === true ? null : one.move;
    const named = othersNamedIn(msg);
    if (named.includes(cpu) || this.met.length === metLimit) return null;
    const move = this.step(msg, from, cpu, named);
    this.met.push({ msg, isStraight, move });
    return move;
  }

  /** The state of a member that leaves. */
  stateOf(cpu: number): AnyCpu {
    const { streams } = this.whole;
    const { incarnation } = this.state;
    const life = this.state.life && { ...this.state.life, random: lifeStream(streams.seed, cpu, incarnation) };
    const state = { ...this.state, cpu, random: streams.own(cpu), life };
    for (const field of this.ownNumbers) giveOwn(state, field, cpu);
    if (life !== null) for (const field of this.ownNumbersOfLife) giveOwn(life, field, cpu);
    return state;
  }

  private step(msg: Told, from: Actor, of: number, named: readonly number[]): Move | null {
    const { state } = this;
    const { machine, cpus } = this.whole;
    if (isUp(state) === (msg.kind === "welcome")) return null;
    const at = new OwnNumber(cpus);
    try {
      const copy = { ...state, cpu: of, life: state.life && { ...state.life } };
      const [next, outputs] = machine.step(copy, { kind: "deliver", at: at.asNumber, from, msg });
      if (!this.mayBeAll(next) || !outputs.every((output) => isOfEveryone(output, of, from))) return null;
      const asker = next.asker === from ? new OwnNumber(cpus) : null;
      if (asker !== null) next.asker = asker.asNumber;
      const isRound = msg.kind !== "welcome";
      const to = new Crowd(this.whole, { ...next, life: { ...next.life, random: ownStream } }, isRound ? msg.ask.do : undefined);
      return { of, named, isFirst: !isRound || compareStamps(msg, state) > 0, to, outputs, at, asker };
    } catch (error) {
      if (error instanceof Looked) return null;
      throw error;
    }
  }

  /** True if nothing in the state says that it is that of one CPU: a life that has just begun has its stream, from which it has not drawn. */
  private mayBeAll(next: AnyCpu): next is Up {
    if (!isUp(next) || !isIdle(next.life) || !knowsNobody(next) || hidesOwn(next)) return false;
    return Object.is(next.life.random, ownStream) || this.whole.streams.isUntouched(next, next.life.random);
  }
}
