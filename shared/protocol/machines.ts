// Builds the two machines of a run from its setup: what every engine starts with.
import type { CpuLife } from "../kernel/cpuLife.ts";
import type { Life } from "../kernel/life.ts";
import { functionsOf } from "../kernel/patch.ts";
import { compile, type Program } from "../kernel/program.ts";
import { underLoad } from "../kernel/requests/requestLife.ts";
import { timedLife } from "../kernel/timed.ts";
import { type Actor, isCoordinator, type Machine } from "../machine/machine.ts";
import { batchesOf } from "./batches.ts";
import type { CoordinatorMachine } from "./coordinator/coordinator.ts";
import type { CpuMachine } from "./cpu/cpu.ts";
import { type CpuContext, isInStop } from "./cpu/state.ts";
import type { Fact } from "./facts.ts";
import type { Message, Register } from "./messages.ts";
import type { AnyInput, AnyOutput } from "./observer.ts";
import type { Setup } from "./setup.ts";
import { type CoordinatorOptions, type CpuOptions, coordinatorVariant, cpuVariant, type Variant } from "./variant.ts";

export interface Machines {
  readonly cpu: CpuMachine<CpuLife>;
  readonly coordinator: CoordinatorMachine;
  /** What the tasks of its CPUs go by: for an engine that brings them up to date at a moment at which nobody is told anything. */
  readonly life: Life<CpuLife>;
}

/** What CPUs of a setup live by. */
interface Living {
  readonly of: Setup;
  readonly program: Program;
  readonly life: Life<CpuLife>;
}

/** The last few of each workload: runs of a study take the models in turn. */
const livings = new WeakMap<Setup["workload"], readonly Living[]>();
const livingsKept = 16;

/** Of the model only what tasks notice: a limit or so many attempts make no other life. */
const livesAlike = (a: Setup, b: Setup): boolean =>
  a.profile === b.profile &&
  a.patch === b.patch &&
  a.tasksPerCpu === b.tasksPerCpu &&
  (["gather", "leave", "switch", "check", "gradual"] as const).every((part) => a.model[part] === b.model[part]);

/** Made anew only where a part of it is another: to join a workload with the call graph takes as long as half a small run. */
const livingOf = (setup: Setup): Living => {
  const made = livings.get(setup.workload) ?? [];
  const same = made.find((living) => livesAlike(living.of, setup));
  if (same !== undefined) return same;
  const { model, profile } = setup;
  const program = compile(setup.workload, setup.tasksPerCpu);
  const life = timedLife({
    program,
    userMode: model.gather?.userMode ?? "gate",
    tickNs: profile.tickNs,
    leave: model.leave,
    switches: model.switch,
    check: model.check,
    gradual: model.gradual,
    batches: batchesOf(setup),
    forced: setup.patch.forced ?? [],
    stackReader: profile.stackReader,
  });
  const living = { of: setup, program, life };
  livings.set(setup.workload, [living, ...made.slice(0, livingsKept - 1)]);
  return living;
};

/** The machines whose CPUs live in time (virtual and live engines), or a variant of them. */
export const timedMachines = (run: Setup, variant: Variant = {}): Machines => {
  const setup = variant.told?.(run) ?? run;
  const { model, profile } = setup;
  const patchSet = functionsOf(setup.patch);
  const { program, life: unloaded } = livingOf(setup);
  const { load, cpus, seed } = setup;
  const life = load === undefined ? unloaded : underLoad(unloaded, program, { load, cpus, seed });
  const cpu: CpuOptions<CpuLife> = {
    cpus: setup.cpus,
    seed: setup.seed,
    life: variant.timedLife?.(life) ?? life,
    resend: setup.resend,
    holdLimitNs: model.holdLimitNs,
    crossCallsPerSecond: program.crossCallsPerSecond,
    reschedulesPerSecond: setup.reschedulesPerSecond ?? 0,
    stopperWakeNs: profile.stopperWakeNs,
    writeNs: profile.writeNs * patchSet.length,
    walkNs: walkNsOf(setup, program.tasks.length + 1),
    turnsNs: turnsNsOf(setup),
    nmiVeto: model.check?.nmiVeto === true,
    nmisPerSecond: setup.workload.nmis.perSecond,
    nmiFunction: patchSet[0] ?? "",
    functionsSwitch: model.switch === "function" && model.leave === "function",
  };
  return { cpu: cpuVariant(cpu, variant), coordinator: coordinatorVariant(coordinatorOptionsOf(setup), variant), life: cpu.life };
};

/** A coordinator knows nothing of tasks: every engine tells it the same. */
const coordinatorOptionsOf = (setup: Setup): CoordinatorOptions => ({
  cpus: setup.cpus,
  seed: setup.seed,
  model: setup.model,
  operations: setup.operations,
  patch: setup.patch.id,
  resend: setup.resend,
  topology: setup.topology,
  nodeCpus: setup.profile.cpusPerSocket,
  bootLimitNs: setup.bootLimitNs,
  batches: batchesOf(setup).length,
  ...(setup.pace !== undefined && { pace: setup.pace }),
});

/** With more CPUs than cores, each waits until the others that spin have had their turns. */
const turnsNsOf = ({ profile, cpus }: Setup): number =>
  profile.hostCores === 0 ? 0 : Math.max(0, Math.round((cpus / profile.hostCores - 1) * profile.hostSliceNs));

/** `tasks` of each CPU, its idle task among them. In a serial walk one CPU pays for all tasks of the machine. */
const walkNsOf = ({ model: { check }, profile, cpus }: Setup, tasks: number): CpuContext<CpuLife>["walkNs"] => {
  if (check === null) return { walker: 0, other: 0, task: 0 };
  const task = profile.stackCheckNs;
  const own = tasks * task;
  return check.walk === "serial" ? { walker: cpus * own, other: 0, task } : { walker: own, other: own, task };
};

/** A machine with the state of one life inside. */
export interface ActorLife {
  readonly step: (input: AnyInput) => readonly AnyOutput[];
  /** A CPU that takes part in a stop: hotplug waits for the end of it. */
  readonly isInStop: () => boolean;
}

/** A new life of an actor. */
export const lifeOfActor = (machines: Machines, actor: Actor): ActorLife =>
  isCoordinator(actor) ? lifeOf(machines.coordinator, actor, () => false) : lifeOf(machines.cpu, actor, isInStop);

/** The cast states what whoever hands an input over knows: its timer is one of this machine's. */
const lifeOf = <State, Timer extends string>(
  machine: Machine<State, Message, Timer, Register, Fact>,
  actor: Actor,
  inStop: (state: State) => boolean,
): ActorLife => {
  let state = machine.init(actor);
  return {
    step: (input) => {
      const [next, outputs] = machine.step(state, input as Parameters<typeof machine.step>[1]);
      state = next;
      return outputs;
    },
    isInStop: () => inStop(state),
  };
};
