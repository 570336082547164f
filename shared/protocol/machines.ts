// Builds the two machines of a run from its setup: what every engine starts with.

import type { CpuLife } from "../kernel/cpuLife.ts";
import { functionsOf } from "../kernel/patch.ts";
import { compile } from "../kernel/program.ts";
import { timedLife } from "../kernel/timed.ts";
import { type CoordinatorMachine, coordinatorMachine } from "./coordinator/coordinator.ts";
import { type CpuMachine, cpuMachine } from "./cpu/cpu.ts";
import type { Setup } from "./setup.ts";

export interface Machines {
  readonly cpu: CpuMachine<CpuLife>;
  readonly coordinator: CoordinatorMachine;
}

/** The machines whose CPUs live in time (virtual and live engines). */
export const timedMachines = (setup: Setup): Machines => {
  const { model, profile } = setup;
  const patchSet = functionsOf(setup.patch);
  const program = compile(setup.workload, setup.tasksPerCpu);
  const life = timedLife({
    program,
    userMode: model.gather?.userMode ?? "gate",
    tickNs: profile.tickNs,
    patchSet: new Set(patchSet),
  });
  return {
    cpu: cpuMachine({
      cpus: setup.cpus,
      seed: setup.seed,
      life,
      resend: setup.resend,
      holdLimitNs: model.holdLimitNs,
      crossCallsPerSecond: program.crossCallsPerSecond,
      stopperWakeNs: profile.stopperWakeNs,
      writeNs: profile.writeNs * patchSet.length,
    }),
    coordinator: coordinatorMachine({
      cpus: setup.cpus,
      seed: setup.seed,
      model,
      operations: setup.operations,
      patch: setup.patch.id,
      resend: setup.resend,
      bootLimitNs: setup.bootLimitNs,
    }),
  };
};
