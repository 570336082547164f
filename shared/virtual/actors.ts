// The actors of a virtual run: which of them live, in which life, and the state of each machine.
import type { CpuLife } from "../kernel/cpuLife.ts";
import { type Actor, isCoordinator, lifeOf } from "../machine/machine.ts";
import type { Hit } from "../nemesis/actorFaults.ts";
import { type CoordinatorState, coordinatorTimers } from "../protocol/coordinator/state.ts";
import { type CpuState, cpuTimers, isInStop } from "../protocol/cpu/state.ts";
import type { Machines } from "../protocol/machines.ts";
import type { Phase } from "../protocol/messages.ts";
import type { AnyInput, AnyOutput } from "../protocol/observer.ts";
import type { Crowds } from "./crowds.ts";

/** Who does something: enough of an actor to carry out what it asks for. */
export interface Acting {
  readonly actor: Actor;
  readonly life: number;
  readonly clock: number;
  /** What it is at, for fault rules that speak of a phase. */
  readonly phase: Phase | undefined;
  /** Where this life's timers begin among those of all. */
  readonly timers: number;
}

/** One actor that has lived. `life` counts its lives: inputs and timers of an earlier one are void. */
export interface Living extends Acting {
  state: CpuState<CpuLife> | CoordinatorState;
  alive: boolean;
  life: number;
  /** A coordinator that has neither finished nor stood down. */
  busy: boolean;
  phase: Phase | undefined;
  pausedUntil: number;
  /** When it will have taken up all that has reached it. */
  freeAt: number;
  clock: number;
  /** Strikes that come when it has taken its step, or later. */
  pending: readonly Hit[];
}

const none: readonly never[] = [];

export class Actors {
  /** But for those that are in crowds. */
  readonly cpus: Array<Living | undefined>;
  crowds: Crowds | null = null;
  readonly coordinators: Living[] = [];
  /** Room for the timers of any machine. */
  readonly timersOfALife = Math.max(cpuTimers.length, coordinatorTimers.length);
  private lives = 0;
  private readonly machines: Machines;

  constructor(machines: Machines, cpus: number) {
    this.machines = machines;
    this.cpus = new Array<Living | undefined>(cpus);
  }

  /** Takes a CPU that is in a crowd out of it. */
  find(actor: Actor): Living | undefined {
    return isCoordinator(actor) ? this.coordinators[lifeOf(actor)] : (this.cpus[actor] ?? this.alone(actor));
  }

  /** Whoever is looked for takes what comes by itself. */
  private alone(cpu: number): Living | undefined {
    const living = this.crowds?.leave(cpu);
    if (living !== undefined) this.cpus[cpu] = living;
    return living;
  }

  /** A new life: a CPU's next incarnation, or a coordinator that has not lived before. */
  bringUp(actor: Actor, life: number): Living {
    const coordinator = isCoordinator(actor);
    const machine = coordinator ? this.machines.coordinator : this.machines.cpu;
    const living: Living = {
      actor,
      state: machine.init(actor),
      alive: true,
      life,
      busy: false,
      phase: undefined,
      pausedUntil: 0,
      freeAt: 0,
      clock: this.find(actor)?.clock ?? 0,
      timers: this.lives++ * this.timersOfALife,
      pending: none,
    };
    if (coordinator) this.coordinators[lifeOf(actor)] = living;
    else this.cpus[actor] = living;
    return living;
  }

  /** Takes one step of the actor's machine. The casts state what `bringUp` did: state and machine are of one kind. */
  step(living: Living, input: AnyInput): readonly AnyOutput[] {
    if (isCoordinator(living.actor)) {
      const { coordinator } = this.machines;
      return coordinator.step(living.state as CoordinatorState, input as Parameters<typeof coordinator.step>[1])[1];
    }
    const { cpu } = this.machines;
    return cpu.step(living.state as CpuState<CpuLife>, input as Parameters<typeof cpu.step>[1])[1];
  }

  /** Hotplug waits while this is so. */
  isInStop(living: Living): boolean {
    return !isCoordinator(living.actor) && isInStop(living.state as CpuState<CpuLife>);
  }

  timersOf(actor: Actor): readonly string[] {
    return isCoordinator(actor) ? this.machines.coordinator.timers : this.machines.cpu.timers;
  }
}
