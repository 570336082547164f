// What is to be explored: a model on a small machine, and how much may go wrong.
import type { Model } from "../../consistency/model.ts";
import { type CoordinatorMachine, coordinatorMachine } from "../../protocol/coordinator/coordinator.ts";
import { type CoordinatorRules, coordinatorRules } from "../../protocol/coordinator/rules.ts";
import { type CpuMachine, cpuMachine } from "../../protocol/cpu/cpu.ts";
import { type CpuRules, cpuRules } from "../../protocol/cpu/rules.ts";
import type { Operation } from "../../protocol/messages.ts";
import { type StepwiseLife, type StepwiseOptions, stepwiseLife } from "./stepwiseLife.ts";

/** How often each thing may go wrong, in all. `calls` are no fault: how often a CPU may call another and wait for it. */
export interface Budgets {
  readonly drops: number;
  readonly copies: number;
  readonly cpuCrashes: number;
  readonly coordinatorCrashes: number;
  /** A second coordinator may start beside the first. */
  readonly secondCoordinator: number;
  readonly calls: number;
}

export interface ExploreSetup {
  readonly model: Model;
  readonly cpus: number;
  readonly operations: readonly Operation[];
  readonly budgets: Budgets;
  readonly rules: { readonly cpu: CpuRules; readonly coordinator: CoordinatorRules };
  /**
   * Packets are taken out of the network that can change no machine any more, as long as it keeps the rules. A machine with one of them
   * replaced may do something with what should be dead.
   */
  readonly prunes: boolean;
}

/** Written down here, enforced where input comes in: a row of a search holds budgets in four bits each. */
export const exploreLimits = { cpus: 5, budget: 15, attempts: 3 } as const;

export const ownRules: ExploreSetup["rules"] = { cpu: cpuRules, coordinator: coordinatorRules };

/** Signals at every failed check, where there are any: how many checks come before one is a question of time. */
const timeless = (model: Model): Model => {
  const { gradual } = model;
  return gradual === null || gradual.signalEvery === 0 ? model : { ...model, gradual: { ...gradual, signalEvery: 1 } };
};

export const lifeOptions = ({ model }: Pick<ExploreSetup, "model">): StepwiseOptions => ({
  leave: model.leave,
  switches: model.switch,
  tick: model.gradual?.tick ?? false,
});

export interface ExploredMachines {
  readonly cpu: CpuMachine<StepwiseLife>;
  readonly coordinator: CoordinatorMachine;
}

const seed = 1;
const resend = { firstNs: 1, capNs: 1 };

export const machinesOf = (setup: ExploreSetup): ExploredMachines => {
  const model = timeless(setup.model);
  const { cpus, operations, rules, budgets } = setup;
  return {
    cpu: cpuMachine(
      {
        cpus,
        seed,
        life: stepwiseLife(lifeOptions(setup)),
        resend,
        holdLimitNs: model.holdLimitNs,
        crossCallsPerSecond: budgets.calls > 0 ? 1 : 0,
        stopperWakeNs: 0,
        writeNs: 0,
        walkNs: { walker: 0, other: 0, task: 0 },
        turnsNs: 0,
        nmiVeto: false,
        nmisPerSecond: 0,
        nmiFunction: "",
        functionsSwitch: false,
      },
      rules.cpu,
    ),
    coordinator: coordinatorMachine(
      { cpus, seed, model, operations, patch: "explored", resend, bootLimitNs: 1, batches: 1 },
      rules.coordinator,
    ),
  };
};
