// The virtual engine: one machine run in integer nanoseconds, from a seed, bit for bit the same each time.
//
// The loop takes the smallest (time, class, sequence), hands it to a machine, and carries out what the machine asks for. All
// choice is in the seed; nothing here looks at a clock.
import { lowest } from "../machine/cpuSet.ts";
import { type Actor, coordinatorActor, type Destination, isCoordinator } from "../machine/machine.ts";
import { machinesOf } from "../mutants/machines.ts";
import { type ActorFaults, actorFaults, type Hit } from "../nemesis/actorFaults.ts";
import { costsOf } from "../nemesis/condition.ts";
import { type Conditions, conditions } from "../nemesis/conditions.ts";
import { type PacketRules, packetRules } from "../nemesis/packetRules.ts";
import { addCounts } from "../nemesis/plan.ts";
import { convergenceBoundNs, overdue } from "../protocol/bound.ts";
import { isRoundMessage, type Message, type Phase, type Register } from "../protocol/messages.ts";
import { type AnyInput, type AnyOutput, type Ended, noPackets } from "../protocol/observer.ts";
import { Actors, type Living } from "./actors.ts";
import { Agenda, type Body, classes, kinds, marks } from "./agenda.ts";
import { type Crowds, crowdsOf, inOwnWords } from "./crowds.ts";
import { Deaths, deathNoticeNs } from "./deaths.ts";
import { destinationOf, Network } from "./network.ts";
import type { VirtualOptions, VirtualResult } from "./options.ts";
import { Outstanding } from "./outstanding.ts";
import { RegisterCell } from "./register.ts";
import { collectorOf, type RequestCollector } from "./requests.ts";
import { Timers } from "./timers.ts";

/** Runs one machine from power-on to its end. */
export const runVirtual = (options: VirtualOptions): VirtualResult => new VirtualRun(options).run();

class VirtualRun {
  private readonly options: VirtualOptions;
  private readonly agenda = new Agenda();
  private readonly actors: Actors;
  private readonly timers: Timers;
  private readonly network: Network;
  private readonly rules: PacketRules;
  private readonly nemesis: ActorFaults;
  private readonly conditions: Conditions;
  private readonly packets = noPackets();
  private readonly hits: Hit[] = [];
  private readonly register = new RegisterCell();
  private now = 0;
  private count = 0;
  private readonly outstanding: Outstanding;
  private healedAt: number | null = null;
  /** When an actor last came up or was to go on after a pause: the liveness bound counts from there, once the faults are off. */
  private disturbedAt = 0;
  private readonly deaths: Deaths;
  private readonly boundNs: number;
  private readonly collector: RequestCollector | null;
  private readonly crowds: Crowds | null;

  constructor(options: VirtualOptions) {
    const { setup, plan } = options;
    this.options = options;
    this.rules = packetRules(plan.faults, plan.seed);
    this.nemesis = actorFaults(plan.faults);
    this.conditions = conditions(plan.faults, costsOf(setup.profile));
    const machines = machinesOf(setup);
    this.actors = new Actors(machines, setup.cpus);
    this.collector = collectorOf(options, machines.life, this.actors);
    this.outstanding = new Outstanding(setup.load?.coolNs ?? 0);
    this.deaths = new Deaths(this.agenda, this.actors, this.outstanding);
    this.timers = new Timers(this.agenda, this.actors, setup.cpus + 1);
    this.network = new Network(setup.profile, setup.seed, this.rules, this.packets, this.agenda, options.onPacket);
    this.boundNs = convergenceBoundNs(setup);
    const { actors, agenda, timers, network, packets } = this;
    this.crowds = actors.crowds = crowdsOf({ options, machines, actors, agenda, timers, network, packets });
  }

  run(): VirtualResult {
    this.startCoordinator(0);
    this.startCpus();
    for (const hit of this.nemesis.scheduled()) {
      const at = "atNs" in hit.fault.when ? hit.fault.when.atNs : 0;
      this.outstanding.ahead++;
      this.agenda.add(at, classes.fault, kinds.fault, -1, -1, this.hits.push(hit) - 1, 0, 0, null);
    }
    this.agenda.add(this.options.timeLimitNs, classes.fault, kinds.heal, -1, -1, 0, 0, 0, null);
    const ended = this.loop();
    if (ended === "finished" && this.outstanding.coolUntil < Infinity) this.now = this.outstanding.coolUntil;
    this.collector?.finish(this.now);
    return {
      end: { ended, at: this.now, healedAt: this.healedAt, boundNs: this.boundNs, packets: this.packets, events: this.count },
      faults: ended === "interrupted" ? [] : addCounts(this.rules.counts(), this.nemesis.counts(), this.conditions.counts()),
    };
  }

  private loop(): Ended {
    while (!this.outstanding.isOver(this.now)) {
      if (this.count === this.options.eventLimit) return "event-limit";
      if (!this.agenda.next()) return "stuck";
      if (this.agenda.time > this.outstanding.coolUntil) return "finished";
      this.count++;
      this.now = this.agenda.time;
      this.collector?.passTo(this.now);
      if (this.healedAt !== null && this.now > Math.max(this.healedAt, this.disturbedAt) + this.boundNs) return overdue(this.options.setup);
      this.happen();
      if (this.options.isEnough?.() === true) return "interrupted";
    }
    return "finished";
  }

  // ---- what happens ----

  private happen(): void {
    const { kind, actor, life, a, b, clock, body } = this.agenda;
    if (kind === kinds.heal) {
      if (this.outstanding.coolUntil === Infinity) this.heal();
    } else if (kind === kinds.fault) {
      if (this.healedAt !== null) return;
      this.outstanding.ahead--;
      this.strike(this.hits[a] as Hit);
    } else if (kind === kinds.start) this.bringUpNext(actor, a);
    else if (kind === kinds.depart) {
      if (this.isDoneByCrowd()) return;
      const living = this.actors.find(actor);
      if (living?.alive !== true || (life !== -1 && living.life !== life)) return;
      this.network.send(living, destinationOf(a), this.actors.coordinators, inOwnWords(body, b, actor) as Message, this.now);
    } else if (kind === kinds.register) this.answerRegister(actor, a, body as Register | null, clock);
    else {
      if (kind === kinds.deliver && this.isDoneByCrowd()) return;
      const told = kind === kinds.deliver ? inOwnWords(body, b, a) : body;
      const living = this.actors.find(actor);
      if (living?.alive === true && (life === -1 || living.life === life)) {
        if (living.pausedUntil > this.now) this.putOff(living, living.pausedUntil, kind, life, a, b, clock, told);
        else if (kind !== kinds.deliver || b === marks.waited || !this.isBusy(living)) this.input(living, kind, a, b, clock, told);
      } else if (kind === kinds.died) this.outstanding.ahead--;
    }
  }

  /** True if what is at hand is for a CPU of a crowd, or an ack of one: then it has happened, and perhaps some of what comes next with it. */
  private isDoneByCrowd(): boolean {
    const { crowds, agenda } = this;
    if (crowds === null) return false;
    const room = this.healedAt === null ? this.options.eventLimit - this.count + 1 : 0;
    if (isCoordinator(agenda.actor)) return this.isHeard(crowds, room);
    const happened = crowds.happen(this.now, room);
    if (happened === null) return false;
    this.count += happened.count - 1;
    this.now = happened.at;
    this.outstanding.unsettled -= happened.up;
    return true;
  }

  /** True if a coordinator was told the ack at hand with those of others. */
  private isHeard(crowds: Crowds, room: number): boolean {
    const living = this.actors.find(this.agenda.actor);
    const said = living?.alive === true ? crowds.hear(living, room) : null;
    if (living === undefined || said === null) return false;
    this.count += said.count - 1;
    this.now = said.at;
    living.clock = said.clock;
    this.input(living, kinds.deliver, said.from, 0, said.fromClock, said.ack);
    return true;
  }

  /** What comes to an actor that cannot take it is taken at `until`, in the order in which it came. */
  private putOff(living: Living, until: number, kind: number, life: number, a: number, b: number, clock: number, body: Body): void {
    const slot = this.agenda.add(until, classes.putOff, kind, living.actor, life, a, b, clock, body);
    if (kind === kinds.timer) this.timers.putOff(living, a, slot);
  }

  /** Puts the packet that is at hand off, if its actor is too slow for it, has interrupts off, or has to take up others and it first. */
  private isBusy(living: Living): boolean {
    const { receiveNs } = this.options.setup.profile;
    if (this.conditions.none && receiveNs === 0) return false;
    const readyAt = this.conditions.takenAt(living.actor, this.now);
    const takenAt = receiveNs === 0 ? readyAt : Math.max(readyAt, living.freeAt) + receiveNs;
    living.freeAt = takenAt;
    if (takenAt === this.now) return false;
    const { kind, life, a, clock, body } = this.agenda;
    this.putOff(living, takenAt, kind, life, a, marks.waited, clock, body);
    return true;
  }

  private input(living: Living, kind: number, a: number, b: number, clock: number, body: Body): void {
    const at = this.now;
    if (kind === kinds.deliver) {
      const msg = body as Message;
      this.packets.delivered++;
      if (isRoundMessage(msg) && !isCoordinator(living.actor)) {
        living.phase = msg.ask.do;
        this.struckAt(living, msg.ask.do);
        if (!living.alive) return;
        if (living.pausedUntil > at) {
          this.packets.delivered--;
          this.putOff(living, living.pausedUntil, kind, -1, a, b, clock, body);
          return;
        }
      }
      this.turn(living, { kind: "deliver", at, from: a, msg }, clock);
    } else if (kind === kinds.timer) {
      this.turn(living, { kind: "timeout", at, timer: this.timers.fired(living, a) }, 0);
    } else {
      this.outstanding.ahead--;
      this.turn(living, { kind: "died", at, cpu: a, incarnation: b }, clock);
    }
  }

  /** Those who come up at power-on greet at once, and nothing else happens: their greetings are one batch. */
  private bringUpNext(actor: Actor, life: number): void {
    const isFollowed = this.crowds !== null && this.agenda.isFollowed;
    if (isFollowed) this.network.hold(this.actors.cpus.length);
    this.bringUp(actor, life);
    if (!isFollowed) this.network.release();
  }

  private bringUp(actor: Actor, life: number): void {
    this.outstanding.ahead--;
    if (isCoordinator(actor)) {
      const next = this.actors.coordinators.length;
      const coordinator = this.actors.bringUp(coordinatorActor(next), next);
      this.outstanding.setBusy(coordinator, true);
      this.begin(coordinator);
    } else if (this.actors.find(actor)?.alive !== true) {
      this.outstanding.unsettled++;
      this.begin(this.actors.bringUp(actor, life));
    }
  }

  private begin(living: Living): void {
    this.disturbedAt = Math.max(this.disturbedAt, this.now);
    this.turn(living, { kind: "start", at: this.now, incarnation: living.life }, 0);
    this.deaths.tellNewcomer(living, this.now);
  }

  /** Hands one input to a machine and carries out what it asks for. */
  private turn(living: Living, input: AnyInput, clock: number): void {
    living.clock = Math.max(living.clock, clock) + 1;
    const outputs = this.actors.step(living, input);
    this.options.observer?.turn({ actor: living.actor, clock: living.clock, input, outputs });
    // A coordinator sends nothing later than at once: what it says in a turn may be one batch.
    if (this.crowds !== null && isCoordinator(living.actor)) this.network.hold(outputs.length);
    for (const output of outputs) {
      if (output.kind === "announce") {
        const { fact } = output;
        if (fact.fact === "asked") {
          living.phase = fact.ask.do;
          this.struckAt(living, fact.ask.do);
        } else this.outstanding.note(living, fact);
      } else if (living.alive) this.carryOut(living, output);
    }
    if (isCoordinator(living.actor)) this.network.release();
    if (living.pending.length > 0) this.strikePending(living);
    this.crowds?.joinAfter(input, living);
  }

  private carryOut(living: Living, output: Exclude<AnyOutput, { kind: "announce" }>): void {
    switch (output.kind) {
      case "send":
        return this.sendLater(living, output.to, output.msg, output.afterNs);
      case "set-timer":
        return this.setTimer(living, output.timer, output.afterNs);
      case "cancel-timer":
        return this.timers.cancel(living, this.timers.numberOf(living.actor, output.timer));
      case "propose":
        this.agenda.add(
          this.now + this.options.setup.profile.registerNs,
          classes.register,
          kinds.register,
          living.actor,
          living.life,
          output.revision,
          0,
          living.clock,
          output.record,
        );
    }
  }

  /** A timer that a fault stretches disturbs its actor until it comes. */
  private setTimer(living: Living, timer: string, afterNs: number): void {
    const ns = this.conditions.none ? afterNs : this.conditions.timerNs(living.actor, this.now, afterNs);
    if (ns > afterNs) this.disturbedAt = Math.max(this.disturbedAt, this.now + ns);
    this.timers.set(living, this.timers.numberOf(living.actor, timer), this.now + ns);
  }

  /** A packet that its sender still works on, which is an answer to one, leaves later, unless the sender dies first. */
  private sendLater(living: Living, to: Destination, msg: Message, afterNs: number): void {
    const isWork = !this.conditions.none && (afterNs > 0 || to === "coordinators");
    const ns = isWork ? this.conditions.workNs(living.actor, this.now, afterNs) : afterNs;
    if (ns === 0) return this.network.send(living, to, this.actors.coordinators, msg, this.now);
    const receiver = to === "coordinators" ? coordinatorActor(0) : lowest(to);
    this.agenda.add(this.now + ns, classes.message, kinds.depart, living.actor, living.life, receiver, 0, living.clock, msg);
  }

  /** Power-on: every CPU comes up at once. */
  private startCpus(): void {
    const cpus = new Int32Array(this.options.setup.cpus).map((_, cpu) => cpu);
    this.agenda.addAll(new Float64Array(cpus.length), classes.fault, kinds.start, { actors: cpus }, 0, 1, 0, 0, null);
    this.outstanding.ahead += cpus.length;
  }

  private start(actor: Actor, life: number, afterNs: number): void {
    this.outstanding.ahead++;
    this.agenda.add(this.now + afterNs, classes.fault, kinds.start, actor, -1, life, 0, 0, null);
  }

  /** Which life of the coordinator it is shows when it starts: another one may start before it. */
  private startCoordinator(afterNs: number): void {
    this.start(coordinatorActor(0), -1, afterNs);
  }

  /** The write happens whether or not its author still lives; only the answer needs somebody to read it. */
  private answerRegister(actor: Actor, expected: number, record: Register | null, clock: number): void {
    this.register.write(expected, record, clock);
    const living = this.actors.find(actor);
    if (living?.alive !== true) return;
    if (living.pausedUntil > this.now) {
      this.putOff(living, living.pausedUntil, kinds.register, living.life, -1, 0, 0, null);
      return;
    }
    const { revision, record: current, clock: writtenAt } = this.register;
    this.turn(living, { kind: "register", at: this.now, revision, record: current }, writtenAt);
  }

  // ---- faults ----

  /** Applies what strikes at this phase: the actor may be dead or paused afterwards. */
  private struckAt(living: Living, phase: Phase): void {
    for (const hit of this.nemesis.onPhase(living.actor, phase)) this.strike(hit, living);
  }

  private strike(hit: Hit, struck?: Living): void {
    const living =
      struck ?? (hit.actor === "coordinator" ? this.actors.coordinators.findLast((one) => one.alive) : this.actors.cpus[hit.actor]);
    if (living?.alive !== true) return;
    if (hit.fault.fault !== "nmi" && hit.fault.fault !== "unplug") return this.strikeNow(hit, living);
    living.pending = [...living.pending, hit];
    if (struck === undefined) this.strikePending(living);
  }

  /** An NMI hits a CPU that has taken up what it was asked; one that is to leave stays until it is in no stop. */
  private strikePending(living: Living): void {
    const isInStop = this.actors.isInStop(living);
    const waits = ({ fault }: Hit): boolean => fault.fault === "unplug" && isInStop;
    const due = living.pending.filter((hit) => !waits(hit));
    living.pending = living.pending.filter(waits);
    for (const hit of due) if (living.alive) this.strikeNow(hit, living);
  }

  private strikeNow(hit: Hit, living: Living): void {
    const { fault } = hit;
    this.nemesis.applied(hit);
    this.tellFault(living, fault.fault, hit);
    switch (fault.fault) {
      case "pause":
      case "suspend":
        living.pausedUntil = Math.max(living.pausedUntil, this.now + fault.forNs);
        this.disturbedAt = Math.max(this.disturbedAt, living.pausedUntil);
        return;
      case "second":
        return this.startCoordinator(0);
      case "nmi":
        return this.turn(living, { kind: "nmi", at: this.now }, 0);
      case "crash":
      case "kill":
      case "unplug":
        this.end(living, fault.fault === "unplug" ? 0 : deathNoticeNs);
        if (fault.restartAfterNs !== undefined) this.restart(living, fault.restartAfterNs);
    }
  }

  /** The life is over, and whoever can know of it knows after `noticeNs`. */
  private end(living: Living, noticeNs: number): void {
    living.alive = false;
    if (isCoordinator(living.actor)) {
      this.outstanding.setBusy(living, false);
      return;
    }
    const state = living.state as { readonly life: unknown };
    if (state.life === null) this.outstanding.unsettled--;
    this.collector?.lifeEnded(living, this.now, true);
    this.deaths.tellAll(living, this.now + noticeNs);
  }

  private restart(living: Living, afterNs: number): void {
    if (isCoordinator(living.actor)) this.startCoordinator(afterNs);
    else this.start(living.actor, living.life + 1, afterNs);
  }

  private tellFault(living: Living, effect: string, hit: Hit): void {
    const text = this.nemesis.counts()[hit.index]?.text ?? effect;
    this.options.observer?.fault({ at: this.now, clock: living.clock, actor: living.actor, text, effect });
  }

  /** Every run ends healed: faults off, nobody waits for more, and a coordinator lives that has the last term or is about to take one. */
  private heal(): void {
    if (this.outstanding.isOver(this.now)) return;
    this.healedAt = this.now;
    this.outstanding.ahead -= this.hits.filter(({ fault }) => "atNs" in fault.when && fault.when.atNs > this.now).length;
    this.rules.heal();
    this.nemesis.heal();
    this.conditions.heal();
    for (const cpu of this.actors.cpus) if (cpu !== undefined) cpu.pending = [];
    if (!this.outstanding.isHeld) this.startCoordinator(0);
  }
}
