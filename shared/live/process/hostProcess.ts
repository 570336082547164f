// A process that runs 1..k simulated CPUs on the bus.
import { type CpuSet, covers, filter, firstCpus, forEach, has, intersection, lowest, oneCpu, size } from "../../machine/cpuSet.ts";
import { coordinatorActor } from "../../machine/machine.ts";
import { machinesOf } from "../../mutants/machines.ts";
import { Cohort } from "../../protocol/cpu/cohort.ts";
import type { Machines } from "../../protocol/machines.ts";
import type { ToCoordinator, Welcome } from "../../protocol/messages.ts";
import { encodeAnswers } from "../../protocol/wire/answers.ts";
import type { Refusal } from "../../protocol/wire/frame.ts";
import { encodeTold, isPassing, type Told } from "../../protocol/wire/told.ts";
import { type Bus, openBus } from "../bus/bus.ts";
import { damage, seal, sealTurn } from "../bus/codec.ts";
import { heard, listen } from "../bus/incoming.ts";
import { cpusOf, hostOf, hostsOf } from "../bus/layout.ts";
import type { Incoming } from "../bus/reading.ts";
import { inboxOf, type Speaker, type Subjects, subjectsOf } from "../bus/subjects.ts";
import { type ContextOf, contextFor } from "../telemetry/traceContext.ts";
import { ActorProcess } from "./actorProcess.ts";
import type { CpuLifeId, ProcessSpec } from "./control.ts";
import { Living } from "./living.ts";
import { obeyDriver, onBusEvent, report } from "./pipe.ts";

/** How often CPUs under load are brought up to date, and how far behind: what they are told may be dated a little before now. */
const attendMs = 10;
const attendLagNs = 10_000_000;

/** Runs a host until its driver lets it go. */
export const runHost = (): void =>
  obeyDriver(async (spec) => {
    const who: Speaker = { role: "host", number: spec.number };
    const bus = await openBus({ url: spec.url, name: `host-${spec.number}`, inbox: inboxOf(who), onEvent: onBusEvent });
    const host = new Host(spec, bus);
    listen(bus, spec.run, who, spec.layout, (incoming) => host.onIncoming(incoming));
    await heard(bus);
    return (order) => host.process.obey(order);
  });

class Host {
  readonly process: ActorProcess;
  private readonly spec: ProcessSpec;
  private readonly bus: Bus;
  private readonly subjects: Subjects;
  private readonly context: ContextOf;
  private readonly machines: Machines;
  private readonly up = new Set<number>();
  private readonly running = new Set<number>();
  /** What leaves at the end of the turn. */
  private answers: ToCoordinator[] = [];
  private readonly told = new Map<number, Told[]>();
  /** What its CPUs tell each other: they are told in the next turn, and nothing of it goes over the bus. */
  private toldHere: Told[] = [];
  /** Whom each CPU called last. */
  private readonly lastCalled = new Map<number, number>();
  private toldSettled = "";

  constructor(spec: ProcessSpec, bus: Bus) {
    this.spec = spec;
    this.bus = bus;
    this.subjects = subjectsOf(spec.run);
    this.context = contextFor(spec.run, process.env);
    this.machines = machinesOf(spec.setup);
    const hasOne = size(cpusOf(spec.layout, spec.number)) === 1;
    this.process = new ActorProcess(spec, bus, hasOne, {
      powerOn: () => this.powerOn(),
      died: (lives) => this.died(lives),
      send: (one, { from, output }) => {
        if (output.to === "coordinators") this.answer(one, output.msg as ToCoordinator);
        else this.tell(one, from, output.to, output.msg as Told["msg"]);
      },
      flush: (clock) => this.flush(clock),
      propose: () => {
        throw new Error("a CPU never asks for the register");
      },
      announced: (from, { fact }) => {
        if (fact === "running") forEach(from.cpus, (cpu) => this.running.add(cpu));
      },
      tell: () => undefined,
      crashed: (dead, restartAfterNs) => this.onCrash(dead, restartAfterNs),
      close: () => undefined,
    });
  }

  private powerOn(): void {
    if (this.spec.setup.load !== undefined) setInterval(() => this.attend(), attendMs).unref();
    const { lives, layout, number } = this.spec;
    if (lives === null) forEach(cpusOf(layout, number), (cpu) => this.start(cpu, 1));
    else for (const [cpu, incarnation] of lives) this.start(cpu, incarnation);
  }

  /** Else a CPU that is told something would first have to make up for all that it was to serve since the last time. */
  private attend(): void {
    const at = this.process.now() - attendLagNs;
    for (const cpu of this.up) {
      const machine = this.process.alone(cpu)?.machine;
      if (machine instanceof Cohort) machine.attend(this.machines.life, at);
    }
  }

  private start(cpu: number, incarnation: number): void {
    this.up.add(cpu);
    this.process.bringUp(new Living(incarnation, Cohort.of(this.machines.cpu, cpu)));
  }

  /** A death concerns whoever may be waiting for an answer: telling everybody of everybody would be a million inputs of a thousand. */
  private died(lives: readonly CpuLifeId[]): void {
    const gone = new Map(lives);
    for (const [caller, callee] of this.lastCalled) {
      const incarnation = gone.get(callee);
      if (incarnation !== undefined) this.tellDeath(caller, [callee, incarnation]);
    }
  }

  private tellDeath(cpu: number, life: CpuLifeId): void {
    const one = this.process.alone(cpu);
    if (one !== undefined) this.process.tellDeath(one, life);
  }

  // ---- what arrives ----

  onIncoming(incoming: Incoming): Refusal | undefined {
    if (incoming.kind === "answers") return "not for a host";
    if (!this.process.admits(incoming.clock)) return "a clock from the future";
    if (incoming.kind === "told" && !this.mayBeTold(incoming.items)) return "by way of a combiner, where there is none";
    if (!incoming.items.every(({ msg }) => this.mayCombine(msg))) return "a combiner of CPUs that there are not";
    const mine = cpusOf(this.spec.layout, this.spec.number);
    this.process.turn(incoming.clock, () => {
      if (incoming.kind === "asks") {
        const from = coordinatorActor(incoming.from);
        for (const { to, msg } of incoming.items) this.process.deliverTo(intersection(to, mine), from, msg);
      } else this.hear(incoming.items, mine);
    });
    return undefined;
  }

  /** Only where rounds go by a tree may CPUs ask what a coordinator asks. */
  private mayBeTold(items: readonly Told[]): boolean {
    return this.spec.setup.topology.shape !== "flat" || items.every(({ msg }) => isPassing(msg));
  }

  /** Nor is anybody made a combiner elsewhere, or of CPUs that the run has not. */
  private mayCombine(msg: Told["msg"] | Welcome): boolean {
    if (!("relay" in msg) || msg.relay === undefined) return true;
    const { setup, layout } = this.spec;
    return setup.topology.shape !== "flat" && covers(firstCpus(layout.cpus), msg.relay.subtree);
  }

  private hear(items: readonly Told[], mine: CpuSet): void {
    for (const { from, to, said, msg } of items) {
      this.process.packets.counts.delivered += said - 1;
      this.process.deliverTo(intersection(to, mine), from, msg);
    }
  }

  // ---- what leaves ----

  /** One packet for whoever coordinates: its fate is the same for all of them. */
  private answer(from: Living, msg: ToCoordinator): void {
    const leave = (): void => {
      this.answers.push(msg);
    };
    const damaged = (clock: number): void =>
      this.bus.publish(this.subjects.answers(this.spec.number), damage(seal(encodeAnswers(clock, [msg]))));
    if (this.process.passes(from, coordinatorActor(0), msg, { late: leave, damaged })) leave();
  }

  private tell(one: Living, from: number, to: CpuSet, msg: Told["msg"]): void {
    if (msg.kind === "call") this.callBegins(from, lowest(to));
    const passes = (cpu: number): boolean =>
      this.process.passes(one, cpu, msg, {
        late: () => this.tellNow(from, oneCpu(cpu), msg),
        damaged: (clock) => this.tellDamaged(clock, { from, to: oneCpu(cpu), said: 1, msg }),
      });
    this.tellNow(from, filter(to, passes), msg);
  }

  /** One entry for each host that has some of them. */
  private tellNow(from: number, to: CpuSet, msg: Told["msg"]): void {
    const { layout, number } = this.spec;
    for (const host of hostsOf(layout, to)) {
      const its = cpusOf(layout, host);
      const told: Told = { from, to: filter(to, (cpu) => has(its, cpu)), said: 1, msg };
      const others = this.told.get(host);
      if (host === number) this.toldHere.push(told);
      else if (others === undefined) this.told.set(host, [told]);
      else others.push(told);
    }
  }

  private tellDamaged(clock: number, told: Told): void {
    const host = hostOf(this.spec.layout, lowest(told.to));
    this.bus.publish(this.subjects.told(this.spec.number, host), damage(seal(encodeTold(clock, [told]))));
  }

  /** Who calls a CPU that is known to have died is told so, or it would wait for ever. */
  private callBegins(caller: number, callee: number): void {
    this.lastCalled.set(caller, callee);
    const incarnation = this.process.dead.get(callee);
    if (incarnation !== undefined) this.process.later(0, () => this.tellDeath(caller, [callee, incarnation]));
  }

  private flush(clock: number): void {
    const { subjects } = this;
    if (this.answers.length > 0) {
      const said = this.answers;
      this.answers = [];
      for (const bytes of sealTurn(said, (items) => encodeAnswers(clock, items)))
        this.bus.publish(subjects.answers(this.spec.number), bytes, this.context(said));
    }
    for (const [host, told] of this.told) {
      for (const bytes of sealTurn(told, (items) => encodeTold(clock, items)))
        this.bus.publish(subjects.told(this.spec.number, host), bytes, this.context(told));
    }
    this.told.clear();
    if (this.toldHere.length > 0) queueMicrotask(() => this.hearHere(clock));
    this.tellSettled();
  }

  /** What is told within a host is heard in a turn of its own, so that it comes after what was told. */
  private hearHere(clock: number): void {
    const told = this.toldHere;
    this.toldHere = [];
    this.process.turn(clock, () => this.hear(told, cpusOf(this.spec.layout, this.spec.number)));
  }

  /** Only a change between all welcomed and some not is worth a line. */
  private tellSettled(): void {
    const text = this.running.size < this.up.size ? "some are not welcomed yet" : `all of ${this.up.size}`;
    if (text === this.toldSettled) return;
    this.toldSettled = text;
    report({ report: "settled", running: this.running.size, alive: this.up.size });
  }

  // ---- crashes of one CPU among several ----

  private onCrash({ actor, incarnation }: Living, restartAfterNs: number | undefined): void {
    this.up.delete(actor);
    this.running.delete(actor);
    report({ report: "died", lives: [[actor, incarnation]] });
    if (restartAfterNs === undefined) return;
    this.process.later(restartAfterNs, () => {
      report({ report: "up", lives: [[actor, incarnation + 1]] });
      this.start(actor, incarnation + 1);
    });
  }
}
