// One simulated machine with the constants of the shipped profile: run in virtual time, judged, and told round by round.

import type { Model } from "../../shared/consistency/model.ts";
import { models } from "../../shared/consistency/registry.ts";
import { defaultPatchId, findPatch } from "../../shared/kernel/catalogue.ts";
import type { Patch } from "../../shared/kernel/patch.ts";
import type { Profile } from "../../shared/kernel/profile.ts";
import { profiles } from "../../shared/kernel/profiles.ts";
import type { Workload } from "../../shared/kernel/workload.ts";
import { planOf } from "../../shared/nemesis/plan.ts";
import { judgeOf } from "../../shared/oracle/judgement.ts";
import type { CpuFact, Fact } from "../../shared/protocol/facts.ts";
import { isRoundMessage, type Operation, type Phase } from "../../shared/protocol/messages.ts";
import type { Ended, TurnTaken } from "../../shared/protocol/observer.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import { flat } from "../../shared/protocol/topology.ts";
import { runVirtual } from "../../shared/virtual/engine.ts";

/** Every simulated figure comes from this one set of constants. */
export const shipped = profiles[0] as Profile;

export interface Machine {
  readonly model: Model;
  readonly cpus: number;
  readonly workload: Workload;
  readonly tasksPerCpu?: number;
  /** The default patch has two functions. */
  readonly patch?: Patch;
  readonly operations?: readonly Operation[];
  /** Where an experiment is about a machine of another kind: what is different, and nothing else. */
  readonly profile?: Profile;
  /** As the command line reads them. */
  readonly faults?: readonly string[];
}

/** One round as it went, in ns. */
export interface Round {
  readonly phase: Phase;
  readonly epoch: number;
  readonly askedAt: number;
  endedAt: number;
  /** When each CPU first got it. */
  readonly heardAt: Map<number, number>;
  /** Tasks that had not switched when they were asked to. */
  pending: number;
}

export interface Run {
  readonly ended: Ended;
  readonly outcome: string;
  readonly rounds: readonly Round[];
  /** From the opening of each epoch to its end. */
  readonly epochsNs: readonly number[];
}

export const modelOf = (name: string): Model => {
  const found = models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`there is no model "${name}"`);
  return found;
};

const secondNs = 1_000_000_000;

const setupOf = (machine: Machine, seed: number): Setup => {
  const { model, cpus, workload, profile = shipped } = machine;
  return {
    seed,
    cpus,
    tasksPerCpu: machine.tasksPerCpu ?? workload.tasksPerCpu,
    model,
    workload,
    profile,
    patch: machine.patch ?? findPatch(defaultPatchId),
    operations: machine.operations ?? ["patch"],
    // As the command line sets them in virtual time.
    resend: { firstNs: 200_000 + cpus * 2 * profile.sendNs, capNs: 20_000_000 },
    topology: flat,
    bootLimitNs: secondNs,
  };
};

/** A run that breaks a guarantee or does not end measures nothing, so it is an error. */
export const runMachine = (machine: Machine, seed: number): Run => {
  const run = tryMachine(machine, seed);
  if (run.ended !== "finished") throw new Error(`${machine.model.name}, ${machine.cpus} CPUs, seed ${seed}: ${run.ended}`);
  return run;
};

/** Also of a run that does not end. */
export const tryMachine = (machine: Machine, seed: number): Run => {
  const setup = setupOf(machine, seed);
  const judge = judgeOf(setup);
  const told = new Told();
  const turn = (taken: TurnTaken): void => {
    judge.observer.turn(taken);
    told.turn(taken);
  };
  const { plan } = planOf(machine.faults ?? [], seed);
  const options = { setup, plan, timeLimitNs: 120 * secondNs, eventLimit: 10_000_000, observer: { turn, fault: judge.observer.fault } };
  const { end, faults } = runVirtual(options);
  const { violations, outcome } = judge.conclude(end, faults);
  if (violations.length > 0) throw new Error(`${machine.model.name}, ${setup.cpus} CPUs, seed ${seed}: ${JSON.stringify(violations)}`);
  return { ended: end.ended, outcome, rounds: told.rounds, epochsNs: told.epochsNs };
};

/** The rounds of a run, put together from what its machines were told and announced. */
class Told {
  readonly rounds: Round[] = [];
  readonly epochsNs: number[] = [];
  private openedAt = 0;
  private readonly byNumber = new Map<number, Round>();

  turn({ actor, input, outputs }: TurnTaken): void {
    if (input.kind === "deliver" && isRoundMessage(input.msg)) {
      const round = this.byNumber.get(input.msg.round);
      if (round !== undefined && !round.heardAt.has(actor)) round.heardAt.set(actor, input.at);
    }
    for (const output of outputs) if (output.kind === "announce") this.fact(output.fact, input.at);
  }

  private fact(fact: Fact, at: number): void {
    if (fact.fact === "opened") this.openedAt = at;
    else if (fact.fact === "closed") this.epochsNs.push(at - this.openedAt);
    else if (fact.fact === "asked") {
      const round: Round = { phase: fact.ask.do, epoch: fact.epoch, askedAt: at, endedAt: Number.NaN, heardAt: new Map(), pending: 0 };
      this.rounds.push(round);
      this.byNumber.set(fact.round, round);
    } else if (fact.fact === "round-ended") this.roundOf(fact).endedAt = at;
    else if (fact.fact === "switched") this.roundOf(fact).pending += fact.pending;
  }

  private roundOf({
    round: number,
  }: Pick<Fact & { readonly fact: "round-ended" }, "round"> | Pick<CpuFact & { readonly fact: "switched" }, "round">): Round {
    const round = this.byNumber.get(number);
    if (round === undefined) throw new Error(`round ${number} was never asked`);
    return round;
  }
}

/** The only round of this kind. */
export const roundOf = ({ rounds }: Run, phase: Phase): Round => {
  const [round, ...more] = rounds.filter((one) => one.phase === phase);
  if (round === undefined || more.length > 0) throw new Error(`${more.length + 1} rounds of ${phase}`);
  return round;
};

/** How long the decision took that the register keeps: no part of a real kernel. */
export const decisionNs = (run: Run): number => roundOf(run, "run").askedAt - roundOf(run, "disable-irq").endedAt;

/** From asking for the stoppers to the last CPU's exit, less the decision. */
export const stopNs = (run: Run): number => roundOf(run, "exit").endedAt - roundOf(run, "prepare").askedAt - decisionNs(run);
