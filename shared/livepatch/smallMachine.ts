// A machine in virtual time that goes on only as far as a script wants it to: the protocol's machines on the parts of the virtual engine.
import { hybrid } from "../consistency/hybrid.ts";
import type { CpuLife } from "../kernel/cpuLife.ts";
import type { Life } from "../kernel/life.ts";
import type { Profile } from "../kernel/profile.ts";
import { coordinatorActor } from "../machine/machine.ts";
import { packetRules } from "../nemesis/packetRules.ts";
import type { CpuState } from "../protocol/cpu/state.ts";
import type { Fact } from "../protocol/facts.ts";
import { timedMachines } from "../protocol/machines.ts";
import type { Control, Message, Register } from "../protocol/messages.ts";
import { type AnyInput, type AnyOutput, noPackets } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";
import { flat } from "../protocol/topology.ts";
import { Actors, type Living } from "../virtual/actors.ts";
import { Agenda, classes, kinds } from "../virtual/agenda.ts";
import { Network } from "../virtual/network.ts";
import { Timers } from "../virtual/timers.ts";
import { emptyWorkload } from "./placedLife.ts";

/** The seed settles where the grid of checks lies, and the jitter of packets. */
const seed = 1;

const bootLimitNs = 1_000_000_000;

export interface SmallMachineOptions {
  readonly cpus: number;
  readonly profile: Profile;
  readonly life: Life<CpuLife>;
  /** Whatever may be patched: the machines need to know no more than that there is something. */
  readonly functions: readonly string[];
  readonly onFact: (fact: Fact, at: number) => void;
}

const setupOf = ({ cpus, profile, functions }: SmallMachineOptions): Setup => ({
  seed,
  cpus,
  tasksPerCpu: 0,
  model: hybrid,
  workload: emptyWorkload,
  profile,
  patch: { id: "livepatch", title: "whichever patch is in transition", kind: "function", objects: [{ object: "any", functions }] },
  operations: [],
  resend: { firstNs: 10_000_000, capNs: 100_000_000 },
  topology: flat,
  bootLimitNs,
});

export class SmallMachine {
  readonly cpus: number;
  private time = 0;
  private readonly agenda = new Agenda();
  private readonly actors: Actors;
  private readonly timers: Timers;
  private readonly network: Network;
  private readonly coordinator: Living;
  private readonly life: Life<CpuLife>;
  private readonly registerNs: number;
  private readonly onFact: SmallMachineOptions["onFact"];
  private register: { revision: number; record: Register | null } = { revision: 0, record: null };
  /** What the script has put on the agenda. */
  private readonly happenings: Array<() => void> = [];

  constructor(options: SmallMachineOptions) {
    const setup = setupOf(options);
    const { cpus, profile } = setup;
    this.cpus = cpus;
    this.life = options.life;
    this.registerNs = profile.registerNs;
    this.onFact = options.onFact;
    this.actors = new Actors(timedMachines(setup, { timedLife: () => options.life }), cpus);
    this.timers = new Timers(this.agenda, this.actors, cpus + 1);
    this.network = new Network(profile, seed, packetRules([], seed), noPackets(), this.agenda, undefined);
    this.coordinator = this.actors.bringUp(coordinatorActor(0), 0);
    this.turn(this.coordinator, { kind: "start", at: 0, incarnation: 0 });
    for (let cpu = 0; cpu < cpus; cpu++) this.turn(this.actors.bringUp(cpu, 1), { kind: "start", at: 0, incarnation: 1 });
    const isUp = (): boolean => this.actors.cpus.every((living) => living !== undefined && stateOf(living).life !== null);
    if (!this.runUntil(isUp, bootLimitNs)) throw new Error("the machine does not boot");
  }

  get now(): number {
    return this.time;
  }

  /** The tasks of a CPU as they are now. */
  lifeOf(cpu: number): CpuLife {
    const { life } = stateOf(this.livingOf(cpu));
    if (life === null) throw new Error(`cpu ${cpu} is not up`);
    this.life.advance(life, this.time);
    return life;
  }

  control(msg: Control): void {
    this.turn(this.coordinator, { kind: "deliver", at: this.time, from: 0, msg });
  }

  after(ns: number, happens: () => void): void {
    const index = this.happenings.push(happens) - 1;
    this.agenda.add(this.time + ns, classes.fault, kinds.fault, -1, -1, index, 0, 0, null);
  }

  /** Runs on until something holds; false if it does not within the limit. */
  runUntil(holds: () => boolean, limitNs: number): boolean {
    // The engine's own event for the end of a time limit ends this one.
    const limit = this.agenda.add(this.time + limitNs, classes.timer, kinds.heal, -1, -1, 0, 0, 0, null);
    while (!holds()) {
      this.agenda.next();
      this.time = this.agenda.time;
      if (this.agenda.kind === kinds.heal) return false;
      this.happen();
    }
    this.agenda.cancel(limit);
    return true;
  }

  runFor(ns: number): void {
    this.runUntil(() => false, ns);
  }

  private livingOf(actor: number): Living {
    const living = this.actors.find(actor);
    if (living === undefined) throw new Error(`there is no actor ${actor}`);
    return living;
  }

  private happen(): void {
    const { kind, actor, a, body, time: at } = this.agenda;
    if (kind === kinds.fault) return this.happenings[a]?.();
    const living = this.livingOf(actor);
    if (kind === kinds.deliver) this.turn(living, { kind: "deliver", at, from: a, msg: body as Message });
    else if (kind === kinds.timer) this.turn(living, { kind: "timeout", at, timer: this.timers.fired(living, a) });
    else if (kind === kinds.depart) this.network.toCoordinators(living, [this.coordinator], body as Message, at);
    else this.answer(living, a, body as Register | null);
  }

  private turn(living: Living, input: AnyInput): void {
    for (const output of this.actors.step(living, input)) this.carryOut(living, output);
  }

  private carryOut(living: Living, output: AnyOutput): void {
    switch (output.kind) {
      case "announce":
        return this.onFact(output.fact, this.time);
      case "send":
        if (output.to !== "coordinators") return this.network.toCpus(living, output.to, output.msg, this.time);
        return this.later(classes.message, kinds.depart, living, output.afterNs, 0, output.msg);
      case "propose":
        return this.later(classes.register, kinds.register, living, this.registerNs, output.revision, output.record);
      case "set-timer":
        return this.timers.set(living, this.timers.numberOf(living.actor, output.timer), this.time + output.afterNs);
      case "cancel-timer":
        return this.timers.cancel(living, this.timers.numberOf(living.actor, output.timer));
    }
  }

  private later(eventClass: number, kind: number, living: Living, afterNs: number, a: number, body: Message | Register | null): void {
    this.agenda.add(this.time + afterNs, eventClass, kind, living.actor, living.life, a, 0, 0, body);
  }

  /** A compare-and-set on the revision; -1 only reads. */
  private answer(living: Living, revision: number, record: Register | null): void {
    if (revision === this.register.revision) this.register = { revision: revision + 1, record };
    this.turn(living, { kind: "register", at: this.time, ...this.register });
  }
}

/** The cast states what the machine was built with: its CPUs are no coordinators. */
const stateOf = ({ state }: Living): CpuState<CpuLife> => state as CpuState<CpuLife>;
