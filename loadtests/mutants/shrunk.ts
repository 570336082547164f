// The smallest scenario in which a mutant is still caught: made from the first run of the hunt in which it was.
import { type Scenario, shrink } from "../../shared/chaos/shrink.ts";
import { takeTrial } from "../../shared/chaos/trial.ts";
import { groundOf, type Mutant } from "../../shared/mutants/mutant.ts";
import { printFault } from "../../shared/nemesis/grammar.ts";
import { catchesOf, type Hunt, planFor } from "../../shared/virtual/hunt.ts";
import type { Carried } from "../../shared/virtual/network.ts";

export interface Shrunk {
  readonly monitor: string;
  readonly faults: readonly string[];
  readonly cpus: number;
  readonly operations: number;
}

/** Null of one that got away. */
export const shrunkOf = (mutant: Mutant, hunt: Hunt): Shrunk | null => {
  const ground = groundOf(mutant, hunt.machineOf(mutant.model));
  const { value: caught } = catchesOf(ground, mutant.faults, hunt).next();
  if (caught === undefined) return null;
  const monitor = caught.violations[0]?.monitor ?? "";
  const { timeLimitNs, eventLimit } = hunt;
  const trialOf = ({ seed, cpus, tasksPerCpu, sequel, faults }: Scenario, onPacket?: (packet: Carried) => void) => {
    const setup = { ...ground, seed, cpus, tasksPerCpu, operations: ["patch" as const, ...sequel] };
    return takeTrial({ setup, plan: { seed, faults }, timeLimitNs, eventLimit }, { ...(onPacket && { onPacket }) });
  };
  const { scenario: found } = shrink(
    {
      seed: caught.seed,
      cpus: ground.cpus,
      tasksPerCpu: ground.tasksPerCpu,
      sequel: ground.operations.slice(1),
      faults: planFor(ground, mutant.faults, caught.seed).faults,
    },
    {
      fails: (scenario) => trialOf(scenario).failures.some((failure) => failure.monitor === monitor),
      packetsOf: (scenario) => {
        const packets: Carried[] = [];
        trialOf(scenario, (packet) => packets.push(packet));
        return packets;
      },
    },
  );
  return { monitor, faults: found.faults.map(printFault), cpus: found.cpus, operations: 1 + found.sequel.length };
};
