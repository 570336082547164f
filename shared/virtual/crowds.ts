// CPUs of a virtual run that are in the same state, and so have no objects of their own: what tells them apart stands in columns.
//
// Whatever comes to one of them that does not move all alike is taken by the CPU alone: it leaves its crowd with the state that it would have
// had if it had always been alone, and is in one again at most when it has just come up. So no run can be told from one without crowds.
import type { CpuLife } from "../kernel/cpuLife.ts";
import { type Actor, coordinatorActor, isCoordinator } from "../machine/machine.ts";
import { isPacketFault } from "../nemesis/registry.ts";
import { Crowd, isTold, type Move, outputsOf, Streams, saidBy, type Told, type Whole } from "../protocol/cpu/crowd.ts";
import type { CpuOutput, CpuState } from "../protocol/cpu/state.ts";
import type { Machines } from "../protocol/machines.ts";
import type { Ack, Message } from "../protocol/messages.ts";
import type { AnyInput, PacketCounts } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";
import type { Acting, Actors, Living } from "./actors.ts";
import { type Agenda, type Body, classes, kinds, marks } from "./agenda.ts";
import { destinationOf, type Network } from "./network.ts";
import type { VirtualOptions } from "./options.ts";
import { type Doing, type Said, Sweeps, type Swept } from "./sweeps.ts";
import type { Timers } from "./timers.ts";

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };

const nothing: readonly never[] = [];

/** What this actor says. Only acks are marked, and the cast states that. */
export const inOwnWords = (body: Body, mark: number, actor: Actor): Body =>
  mark === marks.inWordsOfCrowd ? saidBy(body as Ack, actor) : body;

/** Tasks draw when they are first met, and most faults strike single CPUs: then each is alone. Of packets each has its own fate anyway. */
const mayCrowd = ({ setup, plan, onPacket }: VirtualOptions): boolean =>
  setup.tasksPerCpu === 0 &&
  setup.workload.kthreads.length === 0 &&
  setup.load === undefined &&
  setup.mutant === undefined &&
  plan.faults.every(isPacketFault) &&
  onPacket === undefined &&
  isInstant(setup);

/** Whoever takes up one message after the other has to remember when it will be free. */
const isInstant = ({ profile }: Setup): boolean => profile.receiveNs === 0 && profile.processes === undefined;

/** A timer that is set, or cancelled (null). */
interface Setting {
  readonly timer: number;
  readonly afterNs: number | null;
}

/** Who answers at once makes the network draw, and a timer that is set may come before others are told. */
const doingOf = ({ outputs }: Move): Doing => ({
  draws: outputs.some((output) => output.kind === "send" && output.afterNs === 0),
  idleNs: Math.min(...outputs.map((output) => (output.kind === "set-timer" ? output.afterNs : Infinity))),
});

const departing: Doing = { draws: true, idleNs: Infinity };

/** How many events have happened at once, when the last of them did, and how many CPUs have come up by them. */
export interface Happened {
  readonly count: number;
  readonly at: number;
  readonly up: number;
}

/** The parts of a run that carry out what members do. */
interface Parts {
  readonly options: VirtualOptions;
  readonly machines: Machines;
  readonly actors: Actors;
  readonly agenda: Agenda;
  readonly timers: Timers;
  readonly network: Network;
  readonly packets: PacketCounts;
}

const happenedTo = (swept: Swept | null, at: number): Happened =>
  swept === null ? { count: 1, at, up: 0 } : { count: swept.cpus.length, at: swept.times.at(-1) as number, up: 0 };

/** So often a crowd is begun for one that is unlike those before it: more, and hardly any are alike. */
const begunLimit = 16;

/** Null where no CPUs are alike. */
export const crowdsOf = (parts: Parts): Crowds | null => (mayCrowd(parts.options) ? new Crowds(parts) : null);

export class Crowds {
  private readonly parts: Parts;
  private readonly crowds: Array<Crowd | undefined>;
  private readonly whole: Whole;
  private readonly clocks: Float64Array;
  private readonly lives: Int32Array;
  /** Where the timers of each begin. */
  private readonly timers: Int32Array;
  /** The crowds that CPUs come to that have just greeted, and just been welcomed. */
  private greeters: Crowd | undefined;
  private newcomers: Crowd | undefined;
  private begun = 0;
  /** Null where somebody wants to hear of each turn when it is taken. */
  private readonly sweeps: Sweeps | null;
  /** The member that acts. */
  private readonly member: Mutable<Acting> = { actor: 0, life: 0, clock: 0, phase: undefined, timers: 0 };

  constructor(parts: Parts) {
    const { cpus } = parts.options.setup;
    this.parts = parts;
    this.crowds = new Array<Crowd | undefined>(cpus).fill(undefined);
    this.whole = { machine: parts.machines.cpu, cpus, streams: new Streams(parts.options.setup.seed, cpus) };
    this.clocks = new Float64Array(cpus);
    this.lives = new Int32Array(cpus);
    this.timers = new Int32Array(cpus);
    const { observer } = parts.options;
    this.sweeps = observer === null || observer.alike !== undefined ? new Sweeps(parts.agenda, parts.actors, cpus) : null;
  }

  /** Where the actor has taken this: a CPU that greets, or comes up, is likely to be like others. */
  joinAfter(input: AnyInput, living: Living): void {
    const begins = input.kind === "start" || (input.kind === "deliver" && input.msg.kind === "welcome");
    if (begins && !isCoordinator(living.actor)) this.join(living);
  }

  private join({ actor, life, clock, timers, state }: Living): void {
    // The cast states what an actor is that greets.
    const cpu = state as CpuState<CpuLife>;
    const crowd = cpu.life === null ? this.greeters : this.newcomers;
    if (crowd?.join(cpu) === true) this.crowds[actor] = crowd;
    else if (this.begun === begunLimit || !this.begin(cpu)) return;
    this.clocks[actor] = clock;
    this.lives[actor] = life;
    this.timers[actor] = timers;
    this.parts.actors.cpus[actor] = undefined;
  }

  /** A crowd of those that are like this CPU. */
  private begin(cpu: CpuState<CpuLife>): boolean {
    this.begun++;
    const crowd = Crowd.of(this.whole, cpu);
    if (crowd?.join(cpu) !== true) return false;
    if (cpu.life === null) this.greeters = crowd;
    else this.newcomers = crowd;
    this.crowds[cpu.cpu] = crowd;
    return true;
  }

  /** Takes a CPU out of its crowd, as what it would be if it had always been alone. Undefined if it is in none. */
  leave(cpu: number): Living | undefined {
    const crowd = this.crowds[cpu];
    if (crowd === undefined) return undefined;
    this.crowds[cpu] = undefined;
    const state = crowd.stateOf(cpu);
    const { life, clock, phase, timers } = this.acting(cpu, crowd);
    return { actor: cpu, state, life, clock, phase, timers, alive: true, busy: false, pausedUntil: 0, freeAt: 0, pending: nothing };
  }

  /**
   * Does what is at hand for a CPU, as one of a crowd, and, with `room` for so many events more, what is next for others as far as it may be done
   * at once. Null if it is for the actor alone to do.
   */
  happen(at: number, room: number): Happened | null {
    const { kind, actor, a, b, clock, body } = this.parts.agenda;
    const crowd = this.crowds[actor];
    if (crowd === undefined) return null;
    if (kind === kinds.depart) return b === marks.inWordsOfCrowd ? this.depart(crowd, actor, a, body as Ack, at, room) : null;
    return this.deliver(crowd, actor, a, at, clock, inOwnWords(body, b, a) as Message, room);
  }

  private deliver(crowd: Crowd, cpu: Actor, from: Actor, at: number, clock: number, msg: Message, room: number): Happened | null {
    const move = isTold(msg) ? crowd.moveOn(msg, from, cpu) : null;
    if (move === null || !isTold(msg)) return null;
    const isOne = (next: number, told: Body): boolean => this.crowds[next] === crowd && crowd.moveOn(told as Told, from, next) === move;
    const swept = isCoordinator(from) && move.isFirst ? (this.sweeps?.take(msg, room, doingOf(move), isOne) ?? null) : null;
    if (swept === null) this.move(move, cpu, from, at, clock, msg);
    else this.moveAll(move, swept, clock);
    const happened = happenedTo(swept, at);
    this.parts.packets.delivered += happened.count;
    return msg.kind === "welcome" ? { ...happened, up: happened.count } : happened;
  }

  private move(move: Move, cpu: number, from: Actor, at: number, clock: number, msg: Told): void {
    this.crowds[cpu] = move.to;
    move.at.values[cpu] = at;
    if (move.asker !== null) move.asker.values[cpu] = from;
    this.clocks[cpu] = Math.max(this.clocks[cpu] as number, clock) + 1;
    const member = this.acting(cpu, move.to);
    const { observer } = this.parts.options;
    if (observer !== null) {
      const input: AnyInput = { kind: "deliver", at, from, msg };
      observer.turn({ actor: cpu, clock: member.clock, input, outputs: outputsOf(move, cpu, from) });
    }
    for (const output of move.outputs) if (output.kind !== "announce") this.carryOut(member, output, from, at);
  }

  /** The same for each of these, whom a coordinator has told it. */
  private moveAll({ to, at, of, outputs }: Move, swept: Swept, clock: number): void {
    const { cpus, times } = swept;
    const clocks = new Float64Array(cpus.length);
    const settings = this.settingsOf(outputs, cpus[0] as number);
    for (let i = 0; i < cpus.length; i++) {
      const cpu = cpus[i] as number;
      const time = times[i] as number;
      this.crowds[cpu] = to;
      at.values[cpu] = time;
      clocks[i] = this.clocks[cpu] = Math.max(this.clocks[cpu] as number, clock) + 1;
      if (settings.length > 0) this.setTimers(this.acting(cpu, to), settings, time);
    }
    for (const output of outputs) if (output.kind === "send") this.sendAll(to, swept, clocks, output.msg as Ack, output.afterNs);
    this.parts.options.observer?.alike?.({ cpus, times, of, outputs });
  }

  /** What becomes of which timers, by number: to find a name for each of a million CPUs takes longer than the rest. */
  private settingsOf(outputs: readonly CpuOutput[], cpu: Actor): readonly Setting[] {
    const { timers } = this.parts;
    return outputs.flatMap((output): Setting[] => {
      if (output.kind === "set-timer") return [{ timer: timers.numberOf(cpu, output.timer), afterNs: output.afterNs }];
      return output.kind === "cancel-timer" ? [{ timer: timers.numberOf(cpu, output.timer), afterNs: null }] : [];
    });
  }

  private setTimers(member: Acting, settings: readonly Setting[], at: number): void {
    for (const { timer, afterNs } of settings) {
      if (afterNs === null) this.parts.timers.cancel(member, timer);
      else this.parts.timers.set(member, timer, at + afterNs);
    }
  }

  /** What a member has worked on leaves it, and so does what others have that are next. */
  private depart(crowd: Crowd, cpu: number, to: Actor, msg: Ack, at: number, room: number): Happened {
    const swept = isCoordinator(to) ? (this.sweeps?.take(msg, room, departing, (next) => this.crowds[next] === crowd) ?? null) : null;
    if (swept === null) this.send(this.acting(cpu, crowd), to, msg, at);
    else this.sendAll(crowd, swept, this.clocksOf(swept.cpus), msg, 0);
    return happenedTo(swept, at);
  }

  private clocksOf(cpus: Int32Array): Float64Array {
    const clocks = new Float64Array(cpus.length);
    for (let i = 0; i < cpus.length; i++) clocks[i] = this.clocks[cpus[i] as number] as number;
    return clocks;
  }

  /** What those say who are next, as one ack, if the coordinator that is told only counts them; null if they are to be heard one by one. */
  hear(coordinator: Living, room: number): Said | null {
    const { b, body } = this.parts.agenda;
    if (b !== marks.inWordsOfCrowd || this.sweeps === null) return null;
    const said = this.sweeps.hear(coordinator, body as Ack, room);
    if (said !== null) this.parts.packets.delivered += said.count - 1;
    return said;
  }

  private sendAll({ phase }: Crowd, { cpus, times }: Swept, clocks: Float64Array, msg: Ack, afterNs: number): void {
    const { agenda, network } = this.parts;
    const to = coordinatorActor(0);
    if (afterNs === 0) return network.sendEach({ cpus, times, clocks, phase }, to, msg, marks.inWordsOfCrowd);
    const departures = times.map((at) => at + afterNs);
    agenda.addAll(departures, classes.message, kinds.depart, { actors: cpus }, 0, to, marks.inWordsOfCrowd, 0, msg);
  }

  /** Nothing lasts and nothing is stretched where there are crowds. */
  private carryOut(member: Acting, output: Exclude<CpuOutput, { kind: "announce" }>, from: Actor, at: number): void {
    const { timers, agenda } = this.parts;
    switch (output.kind) {
      case "set-timer":
        return timers.set(member, timers.numberOf(member.actor, output.timer), at + output.afterNs);
      case "cancel-timer":
        return timers.cancel(member, timers.numberOf(member.actor, output.timer));
      case "send": {
        const to = output.to === "coordinators" ? coordinatorActor(0) : from;
        if (output.afterNs === 0) return this.send(member, to, output.msg, at);
        const { actor, life, clock } = member;
        agenda.add(at + output.afterNs, classes.message, kinds.depart, actor, life, to, marks.inWordsOfCrowd, clock, output.msg);
        return;
      }
      case "propose":
        throw new Error("a CPU never asks for the register");
    }
  }

  private send(member: Acting, to: Actor, msg: Message, at: number): void {
    const { network, actors } = this.parts;
    network.send(member, destinationOf(to), actors.coordinators, msg, at, marks.inWordsOfCrowd);
  }

  private acting(cpu: number, { phase }: Crowd): Acting {
    const { member } = this;
    member.actor = cpu;
    member.life = this.lives[cpu] as number;
    member.clock = this.clocks[cpu] as number;
    member.phase = phase;
    member.timers = this.timers[cpu] as number;
    return member;
  }
}
