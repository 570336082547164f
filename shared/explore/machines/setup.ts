// What is to be explored: a model on a small machine, and how much may go wrong.
import type { Model } from "../../consistency/model.ts";
import { mutantNamed } from "../../mutants/registry.ts";
import type { CoordinatorMachine } from "../../protocol/coordinator/coordinator.ts";
import type { CpuMachine } from "../../protocol/cpu/cpu.ts";
import type { Operation } from "../../protocol/messages.ts";
import type { Setup } from "../../protocol/setup.ts";
import type { Topology } from "../../protocol/topology.ts";
import { coordinatorVariant, cpuVariant } from "../../protocol/variant.ts";
import { type StepwiseLife, type StepwiseOptions, stepwiseLife } from "./stepwiseLife.ts";
import { type StepwiseVariant, stepwiseLives } from "./stepwiseVariants.ts";

/**
 * How often each thing may go wrong, in all. The last two are no faults: how often a CPU may call another and wait for it, and how often a
 * transition may look for tasks that have switched and find some that have not; after that it looks only when all have.
 */
export interface Budgets {
  readonly drops: number;
  readonly copies: number;
  readonly cpuCrashes: number;
  readonly coordinatorCrashes: number;
  /** Coordinators that may start beside the first. */
  readonly secondCoordinator: number;
  readonly calls: number;
  readonly checks: number;
}

export interface ExploreSetup {
  /** What the run is judged by, and what the machines are told: the same, but for some mutants. */
  readonly model: Model;
  readonly told: Model;
  readonly cpus: number;
  readonly operations: readonly Operation[];
  readonly topology: Topology;
  readonly nodeCpus: number;
  readonly budgets: Budgets;
  readonly variant: StepwiseVariant;
  /** Unwinds of stacks stop short now and then. */
  readonly unwindsFail: boolean;
  readonly reduces: Reductions;
}

/** What is left out because it makes no difference as long as machines keep the rules (docs/explore.md). A mutant may make something of it. */
export interface Reductions {
  /** Asking the register and its answer follow each other at once. */
  readonly atomicRegister: boolean;
  /** Packets that can change nothing any more are taken out, and nobody is asked again for what is older than what it has obeyed. */
  readonly stale: boolean;
  /** A coordinator that has lost its term hears nothing of the newer one until nobody hears it, and then stands down. */
  readonly fences: boolean;
  /** Acks that are only counted are taken in as they are sent. */
  readonly absorbs: boolean;
}

export const allReductions: Reductions = { atomicRegister: true, stale: true, fences: true, absorbs: true };
export const noReductions: Reductions = { atomicRegister: false, stale: false, fences: false, absorbs: false };

/** Written down here, enforced where input comes in: a row of a search holds each budget in four bits. */
export const exploreLimits = { cpus: 5, budget: 15 } as const;

/** The small machine of a run, or of the mutant that it names. Of the setup nothing else matters but model, CPUs, topology, operations and stack reader. */
export const exploreSetupOf = (setup: Setup, budgets: Budgets): ExploreSetup => {
  const { model, cpus, operations, topology, mutant, profile } = setup;
  const variant = variantOf(mutant);
  const told = (variant.told?.(setup) ?? setup).model;
  const unwindsFail = profile.stackReader.fails > 0;
  const keepsRules = mutant === undefined || mutantNamed(mutant).ignoresLate === true;
  return {
    ...{ model, told, cpus, operations, topology, nodeCpus: profile.cpusPerSocket },
    ...{ budgets, variant, unwindsFail, reduces: keepsRules ? allReductions : noReductions },
  };
};

const variantOf = (mutant: string | undefined): StepwiseVariant => {
  if (mutant === undefined) return {};
  const stepwise = stepwiseLives.get(mutant);
  return { ...mutantNamed(mutant).variant, ...(stepwise && { stepwiseLife: stepwise }) };
};

/** A setup as it is written down: without what has no form but code. */
export interface WrittenSetup extends Omit<ExploreSetup, "variant"> {
  readonly mutant: string | null;
}

export const writtenSetup = ({ variant: _, ...setup }: ExploreSetup, mutant: string | undefined): WrittenSetup => ({
  ...setup,
  mutant: mutant ?? null,
});

export const readSetup = ({ mutant, ...setup }: WrittenSetup): ExploreSetup => ({ ...setup, variant: variantOf(mutant ?? undefined) });

/** Why a machine like this cannot be explored, or undefined. */
export const whyNotExplored = ({ told, variant }: Pick<ExploreSetup, "told" | "variant">): string | undefined => {
  if (told.switch === "function" && told.leave !== "function") return "where each function waits by itself, tasks are not explored";
  if (variant.timedLife !== undefined && variant.stepwiseLife === undefined)
    return "this mutant is one of tasks that run in time: hunt it with chaos";
  return undefined;
};

/** Signals at every failed check, where there are any: how many checks come before one is a question of time. */
const timeless = (model: Model): Model => {
  const { gradual } = model;
  return gradual === null || gradual.signalEvery === 0 ? model : { ...model, gradual: { ...gradual, signalEvery: 1 } };
};

export const lifeOptions = ({ model, told, variant, unwindsFail }: ExploreSetup): StepwiseOptions => ({
  leave: told.leave,
  switches: told.switch,
  tick: told.gradual?.tick ?? false,
  flag: told.gradual?.interrupts === "cpu",
  reader: told.check?.reader ?? null,
  unwindsFail,
  everywhere: variant.stepwiseLife !== undefined,
  followed: model.leave !== "function",
});

export interface ExploredMachines {
  readonly cpu: CpuMachine<StepwiseLife>;
  readonly coordinator: CoordinatorMachine;
}

const seed = 1;
const resend = { firstNs: 1, capNs: 1 };

export const machinesOf = (setup: ExploreSetup): ExploredMachines => {
  const model = timeless(setup.told);
  const { cpus, operations, topology, nodeCpus, variant, budgets } = setup;
  const life = stepwiseLife(lifeOptions(setup));
  const functionsSwitch = model.switch === "function";
  return {
    cpu: cpuVariant(
      {
        cpus,
        seed,
        life: variant.stepwiseLife?.(life) ?? life,
        resend,
        holdLimitNs: model.holdLimitNs,
        crossCallsPerSecond: budgets.calls > 0 ? 1 : 0,
        reschedulesPerSecond: 0,
        stopperWakeNs: 0,
        writeNs: 0,
        walkNs: { walker: 0, other: 0, task: 0 },
        turnsNs: 0,
        nmiVeto: false,
        nmisPerSecond: 0,
        nmiFunction: "",
        functionsSwitch,
      },
      variant,
    ),
    coordinator: coordinatorVariant(
      // Where functions switch by themselves, the two of the tasks' call are two batches.
      { cpus, seed, model, operations, patch: "explored", resend, topology, nodeCpus, bootLimitNs: 1, batches: functionsSwitch ? 2 : 1 },
      variant,
    ),
  };
};
