// Actors as numbers: each state that a machine was seen in has one, and what an input makes of it is found out once.

import { oneCpu } from "../../machine/cpuSet.ts";
import type { CoordinatorInput, CoordinatorState, CoordinatorTimer } from "../../protocol/coordinator/state.ts";
import type { CpuInput, CpuState, CpuTimer } from "../../protocol/cpu/state.ts";
import type { Fact } from "../../protocol/facts.ts";
import type { Message, Register } from "../../protocol/messages.ts";
import type { AnyInput, AnyOutput } from "../../protocol/observer.ts";
import { copyOf, Interner } from "./plain.ts";
import { current, outdated, settleCoordinator, settleCpu } from "./settle.ts";
import type { ExploredMachines } from "./setup.ts";
import { type Met, placesOf, type StepwiseLife, type StepwiseOptions, takeStep } from "./stepwiseLife.ts";
import { type Traits, traitsOf } from "./traits.ts";

/** A timer that is armed, and those that must fire before it: set earlier, and shorter. */
export interface Armed {
  readonly timer: string;
  readonly after: readonly string[];
}

export interface Proposal {
  /** `current` or `outdated`; -1 only reads. */
  readonly revision: number;
  readonly record: Register | null;
}

export type ActorState =
  | { readonly kind: "cpu"; readonly state: CpuState<StepwiseLife>; readonly timers: readonly Armed[] }
  /** Between two lives: the one that has ended. */
  | { readonly kind: "dead"; readonly cpu: number; readonly incarnation: number }
  | {
      readonly kind: "coordinator";
      readonly state: CoordinatorState;
      readonly timers: readonly Armed[];
      readonly proposal: Proposal | null;
    }
  /** A coordinator that has crashed, and what it wrote before and has not arrived yet. */
  | { readonly kind: "gone"; readonly proposal: Proposal | null };

/** Whom a message is for: a CPU by its number, or every coordinator. */
const coordinators = -1;

export interface Sent {
  readonly to: number;
  readonly input: number;
}

/** What one input makes of one actor. */
export interface Outcome {
  readonly actor: number;
  readonly sent: readonly Sent[];
  /** What it announces, by the number that the judges have for it. */
  readonly facts: number;
  /** Where the first look found the task, if it mattered. */
  readonly met: Met | null;
}

/** As many repetitions of a round as a coordinator makes before it asks the register whether it still holds its term. */
const triesBeforeCheck = 8;

/** How long timers are, as far as it is the same in every run: of two on one actor, the shorter that was set first fires first. */
const lengths: Readonly<Record<CpuTimer | CoordinatorTimer, number>> = {
  hello: 1,
  gathered: 1,
  "irqs-on": 1,
  "call-again": 1,
  combine: 1,
  resend: 1,
  call: 2,
  retry: 2,
  check: 2,
  boot: 3,
  limit: 4,
  "hold-limit": 5,
  // Never armed here.
  reschedule: 2,
};

/** These hold nobody back: a call comes whenever a task makes one, and is repeated only while its answer may be missing. */
const ofCalls: readonly string[] = ["call", "call-again"];

const lengthOf = (timer: string): number => lengths[timer as keyof typeof lengths];

const disarm = (timers: readonly Armed[], timer: string): Armed[] =>
  timers.filter((each) => each.timer !== timer).map((each) => ({ ...each, after: each.after.filter((first) => first !== timer) }));

const arm = (timers: readonly Armed[], timer: string): readonly Armed[] => {
  const others = disarm(timers, timer);
  const after = others.filter((each) => !ofCalls.includes(each.timer) && lengthOf(each.timer) < lengthOf(timer)).map((each) => each.timer);
  return [...others, { timer, after }].sort((a, b) => (a.timer < b.timer ? -1 : 1));
};

export class Actors {
  readonly states = new Interner<ActorState>();
  readonly inputs = new Interner<AnyInput>();
  private readonly machines: ExploredMachines;
  private readonly life: StepwiseOptions;
  private readonly places: readonly Met[];
  private readonly factsOf: (facts: readonly Fact[]) => number;
  private readonly known: Array<Traits | undefined> = [];
  private readonly timeouts = new Map<string, number>();
  private readonly answers: number[] = [];
  private readonly notices: number[] = [];
  private readonly outdated: number[] = [];
  private readonly outcomes: Array<Map<number, readonly Outcome[]>> = [];

  constructor(machines: ExploredMachines, life: StepwiseOptions, factsOf: (facts: readonly Fact[]) => number) {
    this.machines = machines;
    this.life = life;
    this.places = placesOf(life);
    this.factsOf = factsOf;
  }

  /** What may come of this input: several things only if somebody looks for a task that is anywhere. */
  take(actor: number, input: number): readonly Outcome[] {
    this.outcomes[actor] ??= new Map();
    const known = this.outcomes[actor] as Map<number, readonly Outcome[]>;
    let outcomes = known.get(input);
    if (outcomes === undefined) {
      outcomes = this.step(this.states.value(actor), this.inputs.value(input));
      known.set(input, outcomes);
    }
    return outcomes;
  }

  /** A new life of a CPU, from its power-on. */
  startCpu(cpu: number, incarnation: number): Outcome {
    const fresh: ActorState = { kind: "cpu", state: this.machines.cpu.init(cpu), timers: [] };
    return this.step(fresh, { kind: "start", at: 0, incarnation })[0] as Outcome;
  }

  startCoordinator(life: number): Outcome {
    const fresh: ActorState = { kind: "coordinator", state: this.machines.coordinator.init(-1 - life), timers: [], proposal: null };
    return this.step(fresh, { kind: "start", at: 0, incarnation: life })[0] as Outcome;
  }

  /** What the register says when it is asked, by the number of what stands there. */
  answer(register: number, record: Register | null): number {
    this.answers[register] ??= this.inputs.id({ kind: "register", at: 0, revision: current, record });
    return this.answers[register];
  }

  /** The notice of a death. */
  notice(cpu: number, incarnation: number): number {
    const key = cpu + 1024 * incarnation;
    this.notices[key] ??= this.inputs.id({ kind: "died", at: 0, cpu, incarnation });
    return this.notices[key];
  }

  /** Somebody else has written to the register. */
  outdate(actor: number): number {
    this.outdated[actor] ??= this.outdatedOf(actor);
    return this.outdated[actor];
  }

  private outdatedOf(actor: number): number {
    const value = this.states.value(actor);
    if (value.kind === "gone") return value.proposal === null ? actor : this.states.id({ kind: "gone", proposal: null });
    if (value.kind !== "coordinator") throw new Error("only coordinators know of revisions");
    const { state, proposal } = value;
    if (state.revision !== current && proposal?.revision !== current) return actor;
    return this.states.id({
      ...value,
      state: { ...state, revision: state.revision === current ? outdated : state.revision },
      proposal: proposal?.revision === current ? { ...proposal, revision: outdated } : proposal,
    });
  }

  /** It hears of a newer term, asks the register, and reads there that its own is over (C10). */
  standDown(actor: number, register: number, record: Register): number {
    const { term, epoch } = record;
    const newer: Message = { kind: "ack", term, epoch, round: 1, cpus: oneCpu(0), incarnation: 1, report: { kind: "done" } };
    const [asking] = this.take(actor, this.inputs.id({ kind: "deliver", at: 0, from: 0, msg: newer })) as readonly [Outcome];
    const [stood] = this.take(asking.actor, this.answer(register, record)) as readonly [Outcome];
    if (this.traits(stood.actor).coordinator !== undefined) throw new Error("whoever reads that its term is over stands down");
    return stood.actor;
  }

  /**
   * What an ack makes of a coordinator that counts it, waits for others and says nothing; undefined of all else. Only that somebody wrote
   * may be told before or after a death with a difference (R5).
   */
  absorbed(actor: number, input: number): number | undefined {
    const before = this.states.value(actor);
    const { msg } = this.inputs.value(input) as AnyInput & { msg?: Message };
    if (before.kind !== "coordinator" || before.proposal !== null || msg?.kind !== "ack" || msg.report.kind === "wrote") return undefined;
    const [{ actor: after, sent, facts }] = this.take(actor, input) as readonly [Outcome];
    const { round, activity } = (this.states.value(after) as typeof before).state;
    const counts = activity === "round" && round?.number === before.state.round?.number && round?.acks !== before.state.round?.acks;
    if (!counts) return undefined;
    if (sent.length > 0 || facts !== this.factsOf([])) throw new Error("whoever only counts an ack sends and announces nothing");
    return after;
  }

  /** It has asked again so often that the next time it asks the register too (C10). */
  afterManyTries(actor: number): number {
    const value = this.states.value(actor);
    if (value.kind !== "coordinator" || value.state.round === null) throw new Error("only a coordinator in a round asks again");
    return this.states.id({ ...value, state: { ...value.state, round: { ...value.state.round, tries: triesBeforeCheck - 1 } } });
  }

  /** The task of this CPU does something by itself; its machine hears of it when it looks, or when its timer for that runs out. */
  takeTaskStep(actor: number, step: string): Outcome {
    const value = this.states.value(actor);
    if (value.kind !== "cpu" || value.state.life === null) throw new Error("only a CPU that is up has a task");
    const state = copyOf(value.state);
    takeStep(state.life as StepwiseLife, this.life, step);
    const moved: ActorState = { ...value, state };
    // The timer was set for just the moment at which the last task is held.
    const isGathered = value.timers.some(({ timer }) => timer === "gathered");
    if (isGathered) return this.step(moved, { kind: "timeout", at: 0, timer: "gathered" })[0] as Outcome;
    return { actor: this.states.id(moved), sent: [], facts: this.factsOf([]), met: null };
  }

  traits(actor: number): Traits {
    this.known[actor] ??= traitsOf(this.states.value(actor), this.life);
    return this.known[actor];
  }

  timeout(timer: string): number {
    let id = this.timeouts.get(timer);
    if (id === undefined) {
      id = this.inputs.id({ kind: "timeout", at: 0, timer });
      this.timeouts.set(timer, id);
    }
    return id;
  }

  private step(from: ActorState, input: AnyInput): readonly Outcome[] {
    if (from.kind === "coordinator") return [this.stepCoordinator(from, input)];
    if (from.kind !== "cpu") throw new Error("whoever is dead takes no input");
    const [first, ...others] = this.places as readonly [Met, ...Met[]];
    const { outcome, looked } = this.stepCpu(from, input, first);
    if (!looked) return [outcome];
    return [{ ...outcome, met: first }, ...others.map((met) => ({ ...this.stepCpu(from, input, met).outcome, met }))];
  }

  private stepCpu(from: ActorState & { kind: "cpu" }, input: AnyInput, meets: Met): { outcome: Outcome; looked: boolean } {
    const copy = copyOf(from.state);
    if (copy.life !== null) copy.life.meets = meets;
    const [state, outputs] = this.machines.cpu.step(copy, input as CpuInput);
    const looked = state.life?.looked === true;
    settleCpu(state);
    const timers = timersAfter(from.timers, input, outputs);
    return { outcome: this.outcome({ kind: "cpu", state, timers }, outputs), looked };
  }

  private stepCoordinator(from: ActorState & { kind: "coordinator" }, input: AnyInput): Outcome {
    const [state, outputs] = this.machines.coordinator.step(copyOf(from.state), input as CoordinatorInput);
    settleCoordinator(state);
    const isDone = state.activity === "stood-down";
    const timers = isDone ? [] : timersAfter(from.timers, input, outputs);
    const proposed = outputs.findLast((output) => output.kind === "propose");
    const answered = input.kind === "register" ? null : from.proposal;
    const proposal = proposed === undefined ? answered : { revision: proposed.revision, record: proposed.record };
    return this.outcome({ kind: "coordinator", state, timers, proposal }, outputs);
  }

  private outcome(actor: ActorState, outputs: readonly AnyOutput[]): Outcome {
    const sent: Sent[] = [];
    const facts: Fact[] = [];
    const from = actor.kind === "cpu" ? actor.state.cpu : coordinators;
    for (const output of outputs) {
      if (output.kind === "announce") facts.push(output.fact);
      else if (output.kind === "send") {
        const input = this.inputs.id({ kind: "deliver", at: 0, from, msg: output.msg });
        if (output.to === "coordinators") sent.push({ to: coordinators, input });
        else
          for (let i = 0; i < output.to.length; i += 2)
            for (let cpu = output.to[i] as number; cpu <= (output.to[i + 1] as number); cpu++) sent.push({ to: cpu, input });
      }
    }
    return { actor: this.states.id(actor), sent, facts: this.factsOf(facts), met: null };
  }
}

const timersAfter = (before: readonly Armed[], input: AnyInput, outputs: readonly AnyOutput[]): readonly Armed[] => {
  let timers = input.kind === "timeout" ? disarm(before, input.timer) : before;
  for (const output of outputs) {
    if (output.kind === "set-timer") timers = arm(timers, output.timer);
    else if (output.kind === "cancel-timer") timers = disarm(timers, output.timer);
  }
  return timers;
};
