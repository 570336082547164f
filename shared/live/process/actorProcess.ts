// The actors of one process: steps their machines, keeps their timers and clocks, and writes the journal before anything leaves.
//
// One turn of the process is one frame received (or the timers of one millisecond): all its actors take their steps, then the journal
// is written with one call, then what was said leaves in one frame for each receiver. All of this is plain synchronous code.
import { type CpuSet, size } from "../../machine/cpuSet.ts";
import { type Actor, actorName, isCoordinator } from "../../machine/machine.ts";
import { type ActorFaults, actorFaults, type Hit, type Spent } from "../../nemesis/actorFaults.ts";
import { costsOf } from "../../nemesis/condition.ts";
import { type Conditions, conditions } from "../../nemesis/conditions.ts";
import { addCounts, planOf } from "../../nemesis/plan.ts";
import type { ActorFault, Fault } from "../../nemesis/registry.ts";
import { namedIn } from "../../protocol/cpu/cohort.ts";
import type { Fact } from "../../protocol/facts.ts";
import { type Control, isRoundMessage, type Message, type Phase } from "../../protocol/messages.ts";
import type { AnyInput, AnyOutput } from "../../protocol/observer.ts";
import type { Bus } from "../bus/bus.ts";
import { Actors } from "./actors.ts";
import { LamportClock, RunClock } from "./clock.ts";
import { type CpuLifeId, countsMs, type Go, type Order, type ProcessSpec } from "./control.ts";
import { type JournalFile, openJournal } from "./journalFile.ts";
import { ProcessLease } from "./lease.ts";
import { type Living, type Said, saidBy } from "./living.ts";
import { type Mishaps, Packets } from "./packets.ts";
import { report } from "./pipe.ts";
import { type DueTimer, fineNs, Timers, toMs } from "./timers.ts";

/** So many inputs may wait for a paused actor, or packets for a slow one; a message beyond that is lost, and will be repeated. */
const heldBackLimit = 65_536;

/** What the outputs of the actors are carried out by. */
export interface Carrier {
  /** The run has begun: bring the actors up. */
  readonly powerOn: () => void;
  readonly died: (lives: readonly CpuLifeId[]) => void;
  /** Notes what is to leave at the end of the turn. */
  readonly send: (from: Living, said: Said) => void;
  /** Lets it leave. */
  readonly flush: (clock: number) => void;
  readonly propose: (from: Living, output: AnyOutput & { kind: "propose" }) => void;
  /** Looks at what was announced. */
  readonly announced: (from: Living, fact: Fact) => void;
  /** Tells the driver of it: it is in the journal by now. */
  readonly tell: () => void;
  /** One actor among several has crashed; it is gone already. */
  readonly crashed: (dead: Living, restartAfterNs: number | undefined) => void;
  /** The run is over. */
  readonly close: () => void;
}

export class ActorProcess {
  readonly packets: Packets;
  private readonly clock = new RunClock();
  private readonly lamport = new LamportClock(this.clock);
  /** Those of the plan, and what has been added since. */
  private readonly faults: Fault[];
  private nemesis: ActorFaults;
  private readonly conditions: Conditions;
  private readonly journal: JournalFile;
  private readonly actors: Actors;
  private readonly timers: Timers<Living>;
  private readonly lease = new ProcessLease();
  /** CPUs that nothing tells apart may be one: nothing is to strike some of them, and they keep the rules. */
  private readonly mayJoin: boolean;
  /** Who took a step in this turn. */
  private readonly stepped = new Set<Living>();
  /** The last life of each CPU that is known to have ended. */
  readonly dead = new Map<number, number>();
  private readonly bus: Bus;
  private readonly carrier: Carrier;
  /** The process dies with its only actor. */
  private readonly hasOne: boolean;
  private closed = false;
  private turns = 0;
  /** When this turn began: all that one frame brings comes at one moment. */
  private turnAt = 0;
  private toldTurns = 0;

  constructor(spec: ProcessSpec, bus: Bus, hasOne: boolean, carrier: Carrier) {
    const { plan } = planOf(spec.plan.faults, spec.plan.seed);
    this.faults = [...plan.faults];
    this.packets = new Packets(plan, (afterNs, act) => this.later(afterNs, act));
    this.nemesis = actorFaults(plan.faults);
    this.conditions = conditions(plan.faults, costsOf(spec.setup.profile));
    this.journal = openJournal(spec, bus);
    this.timers = new Timers<Living>(this.clock, (due) => this.onDue(due));
    this.actors = new Actors(this.timers);
    this.mayJoin = plan.faults.length === 0 && !spec.steered && spec.setup.mutant === undefined;
    this.bus = bus;
    this.hasOne = hasOne;
    this.carrier = carrier;
  }

  // ---- orders of the driver ----

  obey(order: Order): void {
    switch (order.order) {
      case "go":
        return this.go(order);
      case "died":
        for (const [cpu, incarnation] of order.lives) this.dead.set(cpu, incarnation);
        return this.turn(0, () => this.carrier.died(order.lives));
      case "strike":
        return this.turn(0, () => this.strikeAt(order.hit));
      case "spent":
        return this.nemesis.spend(order.hit);
      case "inject":
        return this.inject(order.fault);
      case "control":
        return this.turn(0, () => this.heed(order.msg));
      case "lease":
        return this.lease.extend(order.untilNs);
      case "heal":
        return this.heal();
      case "quit":
        void this.quit();
    }
  }

  private go({ startedNs, healed, spent, dead }: Go): void {
    this.clock.start(startedNs);
    this.nemesis = actorFaults(this.faults, spent);
    if (healed) this.heal();
    for (const [cpu, incarnation] of dead) this.dead.set(cpu, incarnation);
    setInterval(() => this.turns > this.toldTurns && this.tellCounts(), countsMs).unref();
    this.turn(0, () => this.carrier.powerOn());
  }

  private inject(text: string): void {
    const [fault] = planOf([text], 0).plan.faults as [Fault];
    this.faults.push(fault);
    for (const part of [this.packets.rules, this.nemesis, this.conditions]) part.add(fault);
  }

  /** It comes from nobody on the bus. */
  private heed(msg: Control): void {
    for (const one of this.actors.all())
      if (isCoordinator(one.actor)) this.step(one, { kind: "deliver", at: this.nowFor(one), from: one.actor, msg });
  }

  private heal(): void {
    this.packets.rules.heal();
    this.nemesis.heal();
    this.conditions.heal();
    for (const one of this.actors.all()) this.forgo(one);
  }

  /** Whatever still comes is too late. */
  private async quit(): Promise<void> {
    this.closed = true;
    this.carrier.close();
    await this.journal.close();
    this.tellCounts();
    await this.bus.close();
    process.exit(0);
  }

  private tellCounts(): void {
    const { refused, dropped: unsent, reconnects } = this.bus.counts;
    this.toldTurns = this.turns;
    const faults = addCounts(this.packets.rules.counts(), this.conditions.counts());
    const counts = { packets: this.packets.counts, faults, refused, refusals: this.bus.refused(), unsent, reconnects, turns: this.turns };
    report({ report: "counts", counts });
  }

  // ---- actors ----

  /** Ns since power-on. */
  now(): number {
    return this.clock.now();
  }

  /** This one, apart from any other: it leaves those that it was one with. */
  alone(actor: Actor): Living | undefined {
    return this.actors.alone(actor);
  }

  /** The first step of a life. */
  bringUp(one: Living): void {
    this.actors.add(one);
    this.step(one, { kind: "start", at: this.nowFor(one), incarnation: one.incarnation });
  }

  tellDeath(one: Living, [cpu, incarnation]: CpuLifeId): void {
    this.step(one, { kind: "died", at: this.nowFor(one), cpu, incarnation });
  }

  /** The moment of an input that arrives now. */
  nowFor(one: Living): number {
    return Math.max(this.turnAt, one.at);
  }

  // ---- turns ----

  /** False of a frame whose clock is out of all reason. */
  admits(clock: number): boolean {
    return this.lamport.admits(clock);
  }

  /** One turn of the process. `heard` is the Lamport clock of the frame that caused it. */
  turn(heard: number, run: () => void): void {
    if (this.closed) return;
    this.lease.check();
    this.turnAt = this.clock.now();
    this.lamport.tick(heard);
    this.turns++;
    run();
    this.timers.fireFine((due) => this.timeout(due, 0));
    this.record();
    this.carrier.flush(this.lamport.now);
    this.packets.leaveDamaged(this.lamport.now);
    if (this.mayJoin && this.stepped.size > 1) this.actors.join(this.stepped);
    this.stepped.clear();
  }

  /** Whoever dies from here on leaves what happened. */
  private record(): void {
    // A process that stood still in mid-turn has been taken for dead: what it did since is not so.
    this.lease.check();
    this.journal.commit();
    this.carrier.tell();
  }

  private onDue(timers: ReadonlyArray<DueTimer<Living>>): void {
    this.turn(0, () => {
      for (const due of timers) if (this.timers.claim(due)) this.timeout(due, this.clock.now());
    });
  }

  private timeout({ owner, timer, due }: DueTimer<Living>, now: number): void {
    this.step(owner, { kind: "timeout", at: Math.max(due, owner.at, now), timer });
  }

  /** A message for several CPUs: those that are not of this process are not there. */
  deliverTo(cpus: CpuSet, from: Actor, msg: Message): void {
    for (const one of this.actors.among(cpus, namedIn(msg))) this.deliver(one, from, msg);
  }

  /** What it takes up within a turn's time it takes up now, at the time at which it would. */
  deliver(one: Living, from: Actor, msg: Message): void {
    const now = this.nowFor(one);
    if (this.conditions.none) return this.step(one, { kind: "deliver", at: now, from, msg });
    const at = this.conditions.takenAt(one.actor, now);
    if (one.untaken.length >= heldBackLimit) return;
    one.untaken.push({ kind: "deliver", at, from, msg });
    const waitNs = at - this.clock.now();
    if (waitNs < fineNs) this.takeUntil(one, at, 0);
    else this.later(waitNs, () => this.takeUntil(one, this.clock.now(), this.clock.now()));
  }

  /** Hands over what the actor is to have taken up by `until`, if it still lives. */
  private takeUntil(one: Living, until: number, now: number): void {
    while (this.actors.isAlive(one) && (one.untaken[0]?.at ?? Infinity) <= until) {
      const input = one.untaken.shift() as AnyInput;
      this.step(one, { ...input, at: Math.max(input.at, one.at, now) });
    }
  }

  step(one: Living, input: AnyInput): void {
    if (one.pausedUntil > this.clock.now() || one.heldBack.length > 0) return this.holdBack(one, input);
    if (input.kind === "deliver" && isRoundMessage(input.msg)) {
      this.enter(one, input.msg.ask.do);
      if (!this.actors.isAlive(one)) return;
      if (one.pausedUntil > this.clock.now()) return this.holdBack(one, input);
    }
    const outputs = one.machine.step(input);
    if (outputs === null) for (const each of this.actors.apart(one)) this.step(each, input);
    else this.stepTaken(one, input, outputs);
  }

  private stepTaken(one: Living, input: AnyInput, outputs: readonly AnyOutput[]): void {
    const { actor, cpus } = one;
    if (input.kind === "deliver") this.packets.counts.delivered += Math.max(1, size(cpus));
    one.at = input.at;
    this.stepped.add(one);
    this.journal.step({ actor, cpus, clock: this.lamport.now, input, outputs });
    for (const output of outputs) this.carryOut(one, output);
    if (one.pending.length > 0) this.strikePending(one);
  }

  private holdBack(one: Living, input: AnyInput): void {
    if (input.kind === "deliver" && one.heldBack.length >= heldBackLimit) return;
    one.heldBack.push(input);
    if (one.heldBack.length === 1) this.resumeLater(one);
  }

  /** A paused actor takes its inputs afterwards, in the order in which they came. */
  private resumeLater(one: Living): void {
    const resume = (): void => {
      if (one.pausedUntil > this.clock.now()) return this.resumeLater(one);
      this.turn(0, () => {
        for (const input of one.heldBack.splice(0)) {
          if (this.actors.isAlive(one)) this.step(one, { ...input, at: this.nowFor(one) });
        }
      });
    };
    setTimeout(resume, toMs(one.pausedUntil - this.clock.now()));
  }

  private carryOut(one: Living, output: AnyOutput): void {
    switch (output.kind) {
      case "send":
        return this.sendLater(one, output);
      case "set-timer":
        return this.timers.set(one, output.timer, one.at, this.conditions.timerNs(one.actor, one.at, output.afterNs));
      case "cancel-timer":
        return this.timers.cancel(one, output.timer);
      case "announce":
        this.carrier.announced(one, output.fact);
        if (output.fact.fact === "asked") this.enter(one, output.fact.ask.do);
        return;
      case "propose":
        this.carrier.propose(one, output);
    }
  }

  private sendLater(one: Living, output: AnyOutput & { kind: "send" }): void {
    const { to, afterNs } = output;
    const ns = afterNs > 0 || to === "coordinators" ? this.conditions.workNs(one.actor, one.at, afterNs) : afterNs;
    const said = saidBy(one, output);
    const leave = (): void => {
      for (const each of said) this.carrier.send(one, each);
    };
    if (ns < fineNs) leave();
    // CPUs that are one are not to die, but may be another one by then.
    else this.later(ns, () => (this.mayJoin || this.actors.isAlive(one)) && leave());
  }

  /** Carries something out after a while, as a turn of its own. */
  later(afterNs: number, act: () => void): void {
    setTimeout(() => this.turn(0, act), toMs(afterNs));
  }

  // ---- faults ----

  /** Whether a packet leaves now as it is. */
  passes(from: Living, to: Actor, msg: Message, mishaps: Mishaps): boolean {
    return this.packets.passes(from, to, msg, this.clock.now(), mishaps);
  }

  /** A phase reaches this actor: whatever strikes at it strikes now. */
  private enter(one: Living, phase: Phase): void {
    one.phase = phase;
    for (const hit of this.nemesis.onPhase(one.actor, phase)) this.strike(hit, one, true);
  }

  /** The driver keeps the time of faults that strike at a time. */
  private strikeAt({ index, actor }: Spent): void {
    const one = actor === "coordinator" ? [...this.actors.all()].find((each) => isCoordinator(each.actor)) : this.actors.alone(actor);
    if (one === undefined) report({ report: "miss", hit: { index, actor } });
    else this.strike({ fault: this.faults[index] as ActorFault, index, actor }, one);
  }

  private strike(hit: Hit, one: Living, inStep = false): void {
    if (hit.fault.fault !== "nmi" && hit.fault.fault !== "unplug") return this.strikeNow(hit, one);
    one.pending = [...one.pending, hit];
    if (!inStep) this.strikePending(one);
  }

  /** An NMI hits a CPU that has taken up what it was asked; one that is to leave stays until it is in no stop. */
  private strikePending(one: Living): void {
    const isInStop = one.machine.isInStop();
    const waits = ({ fault }: Hit): boolean => fault.fault === "unplug" && isInStop;
    const due = one.pending.filter((hit) => !waits(hit));
    one.pending = one.pending.filter(waits);
    for (const hit of due) if (this.actors.isAlive(one)) this.strikeNow(hit, one);
  }

  /** What has not struck yet never will; the driver waits for word of what it struck itself. */
  private forgo(one: Living): void {
    for (const { fault, index, actor } of one.pending) if ("atNs" in fault.when) report({ report: "miss", hit: { index, actor } });
    one.pending = [];
  }

  private strikeNow({ fault, index, actor }: Hit, one: Living): void {
    const text = this.nemesis.counts()[index]?.text ?? actorName(one.actor);
    this.journal.fault({ at: this.nowFor(one), clock: this.lamport.now, actor: one.actor, text, effect: fault.fault });
    const ends = fault.fault === "crash" || fault.fault === "unplug";
    const fatal = ends && this.hasOne;
    // The driver is about to lay hands on this process.
    if (fault.fault === "kill" || fault.fault === "suspend") this.record();
    report({ report: "hit", hit: { index, actor }, fatal });
    if (fault.fault === "pause") one.pausedUntil = Math.max(one.pausedUntil, this.clock.now() + fault.forNs);
    else if (fault.fault === "nmi") this.step(one, { kind: "nmi", at: this.nowFor(one) });
    else if (fatal) this.die();
    else if (ends) {
      this.forgo(one);
      this.actors.remove(one);
      this.carrier.crashed(one, fault.restartAfterNs);
    }
  }

  /** As a process dies that is killed: but for the journal, whatever was not said yet is never said. */
  private die(): never {
    this.record();
    this.tellCounts();
    process.kill(process.pid, "SIGKILL");
    throw new Error("a process outlived its own SIGKILL");
  }
}
