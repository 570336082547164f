// A few CPUs and their coordinator in virtual time, without loss: what carries the real protocol under the livepatch core.
import { hybrid } from "../consistency/hybrid.ts";
import type { Life } from "../kernel/life.ts";
import { forEach } from "../machine/cpuSet.ts";
import { type Actor, coordinatorActor } from "../machine/machine.ts";
import { type CoordinatorMachine, coordinatorMachine } from "../protocol/coordinator/coordinator.ts";
import type { CoordinatorState, CoordinatorTimer } from "../protocol/coordinator/state.ts";
import { type CpuMachine, cpuMachine } from "../protocol/cpu/cpu.ts";
import type { CpuState, CpuTimer } from "../protocol/cpu/state.ts";
import type { Fact } from "../protocol/facts.ts";
import type { Control, Message, Register } from "../protocol/messages.ts";
import type { AnyInput, AnyOutput } from "../protocol/observer.ts";
import type { ScriptedLife } from "./scriptedLife.ts";

/** A packet, and an answer of the register: any delay will do, as nothing is lost. */
const deliveryNs = 1_000;

const resend = { firstNs: 10_000_000, capNs: 100_000_000 };

/** The seed settles nothing but where the grid of checks lies. */
const seed = 1;

const coordinator = coordinatorActor(0);

interface Due {
  readonly at: number;
  readonly happens: () => void;
}

export interface SmallMachineOptions {
  readonly cpus: number;
  readonly life: Life<ScriptedLife>;
  readonly onFact: (fact: Fact, at: number) => void;
}

export class SmallMachine {
  private time = 0;
  /** What is to come, soonest first; of one moment in the order in which it was added. */
  private readonly agenda: Due[] = [];
  private readonly timers = new Map<string, Due>();
  private register: { revision: number; record: Register | null } = { revision: 0, record: null };
  private readonly cpu: CpuMachine<ScriptedLife>;
  private readonly coordinator: CoordinatorMachine;
  private readonly cpuStates: CpuState<ScriptedLife>[];
  private coordinatorState: CoordinatorState;
  private readonly options: SmallMachineOptions;

  constructor(options: SmallMachineOptions) {
    const { cpus, life } = options;
    this.options = options;
    this.cpu = cpuMachine({
      cpus,
      seed,
      life,
      resend,
      holdLimitNs: hybrid.holdLimitNs,
      crossCallsPerSecond: 0,
      stopperWakeNs: deliveryNs,
      writeNs: 0,
      turnsNs: 0,
      walkNs: { walker: 0, other: 0, task: 0 },
      nmiVeto: false,
      nmisPerSecond: 0,
      nmiFunction: "",
      functionsSwitch: false,
    });
    this.coordinator = coordinatorMachine({
      cpus,
      seed,
      model: hybrid,
      operations: [],
      patch: "livepatch",
      resend,
      bootLimitNs: 1_000_000_000,
      batches: 1,
    });
    this.coordinatorState = this.coordinator.init(coordinator);
    this.cpuStates = Array.from({ length: cpus }, (_, cpu) => this.cpu.init(cpu));
    this.give(coordinator, { kind: "start", at: 0, incarnation: 0 });
    for (let cpu = 0; cpu < cpus; cpu++) this.give(cpu, { kind: "start", at: 0, incarnation: 1 });
    if (!this.runUntil(() => this.cpuStates.every(({ life: tasks }) => tasks !== null), 1_000_000_000))
      throw new Error("the machine does not boot");
  }

  get now(): number {
    return this.time;
  }

  get cpus(): number {
    return this.options.cpus;
  }

  /** The tasks of a CPU as they are now. */
  lifeOf(cpu: number): ScriptedLife {
    const life = this.cpuStates[cpu]?.life;
    if (life === undefined || life === null) throw new Error(`there is no cpu ${cpu}`);
    this.options.life.advance(life, this.time);
    return life;
  }

  control(msg: Control): void {
    this.give(coordinator, { kind: "deliver", at: this.time, from: 0, msg });
  }

  after(ns: number, happens: () => void): void {
    this.add({ at: this.time + ns, happens });
  }

  /** Runs on until something holds; false if it does not within the limit. */
  runUntil(holds: () => boolean, limitNs: number): boolean {
    const end = this.time + limitNs;
    while (!holds()) {
      const [next] = this.agenda;
      if (next === undefined || next.at > end) {
        this.time = end;
        return false;
      }
      this.agenda.shift();
      this.time = next.at;
      next.happens();
    }
    return true;
  }

  runFor(ns: number): void {
    this.runUntil(() => false, ns);
  }

  private add(due: Due): void {
    const later = this.agenda.findIndex(({ at }) => at > due.at);
    this.agenda.splice(later < 0 ? this.agenda.length : later, 0, due);
  }

  private drop(due: Due | undefined): void {
    const index = due === undefined ? -1 : this.agenda.indexOf(due);
    if (index >= 0) this.agenda.splice(index, 1);
  }

  private give(actor: Actor, input: AnyInput): void {
    for (const output of this.step(actor, input)) this.carryOut(actor, output);
  }

  /** The casts state what whoever hands a timer over knows: it is one of this machine's. */
  private step(actor: Actor, input: AnyInput): readonly AnyOutput[] {
    if (actor === coordinator) {
      const [state, outputs] = this.coordinator.step(
        this.coordinatorState,
        input.kind === "timeout" ? { ...input, timer: input.timer as CoordinatorTimer } : input,
      );
      this.coordinatorState = state;
      return outputs;
    }
    const before = this.cpuStates[actor] as CpuState<ScriptedLife>;
    const [state, outputs] = this.cpu.step(before, input.kind === "timeout" ? { ...input, timer: input.timer as CpuTimer } : input);
    this.cpuStates[actor] = state;
    return outputs;
  }

  private carryOut(actor: Actor, output: AnyOutput): void {
    switch (output.kind) {
      case "announce":
        return this.options.onFact(output.fact, this.time);
      case "send":
        if (output.to === "coordinators") return this.deliver(actor, coordinator, output.msg, output.afterNs);
        return forEach(output.to, (cpu) => this.deliver(actor, cpu, output.msg, output.afterNs));
      case "propose":
        return this.propose(output.revision, output.record);
      case "set-timer":
      case "cancel-timer":
        return this.setTimer(actor, output.timer, output.kind === "set-timer" ? output.afterNs : null);
    }
  }

  private deliver(from: Actor, to: Actor, msg: Message, afterNs: number): void {
    this.after(afterNs + deliveryNs, () => this.give(to, { kind: "deliver", at: this.time, from, msg }));
  }

  private setTimer(actor: Actor, timer: string, afterNs: number | null): void {
    const key = `${actor} ${timer}`;
    this.drop(this.timers.get(key));
    this.timers.delete(key);
    if (afterNs === null) return;
    const due: Due = {
      at: this.time + afterNs,
      happens: () => {
        this.timers.delete(key);
        this.give(actor, { kind: "timeout", at: this.time, timer });
      },
    };
    this.timers.set(key, due);
    this.add(due);
  }

  /** A compare-and-set on the revision; -1 only reads. */
  private propose(revision: number, record: Register | null): void {
    this.after(deliveryNs, () => {
      if (revision === this.register.revision) this.register = { revision: revision + 1, record };
      this.give(coordinator, { kind: "register", at: this.time, ...this.register });
    });
  }
}
