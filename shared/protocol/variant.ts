// A variant of the machines: built with something of the protocol replaced. The machines themselves know nothing of it.
import type { CpuLife } from "../kernel/cpuLife.ts";
import type { Life } from "../kernel/life.ts";
import { type CoordinatorMachine, coordinatorMachine } from "./coordinator/coordinator.ts";
import { type CoordinatorRules, coordinatorRules } from "./coordinator/rules.ts";
import type { CoordinatorContext } from "./coordinator/state.ts";
import { type CpuMachine, cpuMachine } from "./cpu/cpu.ts";
import { type CpuRules, cpuRules } from "./cpu/rules.ts";
import type { CpuContext } from "./cpu/state.ts";
import type { Setup } from "./setup.ts";

/** What is replaced; what is absent stays as it is. */
export interface Variant {
  readonly cpu?: Partial<CpuRules>;
  readonly coordinator?: Partial<CoordinatorRules>;
  /** Another life for the tasks of a CPU, whatever they are like. */
  readonly life?: <L>(life: Life<L>) => Life<L>;
  /** The same, where it must look into the tasks. */
  readonly timedLife?: (life: Life<CpuLife>) => Life<CpuLife>;
  /** What the machines are told of a run, which is judged by what they should have been told. */
  readonly told?: (setup: Setup) => Setup;
  /** Machines around the machines: they see each input first and each output last. */
  readonly aroundCpu?: <L>(machine: CpuMachine<L>) => CpuMachine<L>;
  readonly aroundCoordinator?: (machine: CoordinatorMachine) => CoordinatorMachine;
}

/** What machines are told beside their rules. */
export type CpuOptions<L> = Omit<CpuContext<L>, "rules">;
export type CoordinatorOptions = Omit<CoordinatorContext, "rules">;

export const cpuVariant = <L>(options: CpuOptions<L>, { cpu, life, aroundCpu }: Variant): CpuMachine<L> => {
  const machine = cpuMachine({ ...options, life: life?.(options.life) ?? options.life }, { ...cpuRules, ...cpu });
  return aroundCpu?.(machine) ?? machine;
};

export const coordinatorVariant = (options: CoordinatorOptions, { coordinator, aroundCoordinator }: Variant): CoordinatorMachine => {
  const machine = coordinatorMachine(options, { ...coordinatorRules, ...coordinator });
  return aroundCoordinator?.(machine) ?? machine;
};
