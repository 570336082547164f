// What the world has to know of an actor before it tries its steps, found out once for each state of it.
import type { CoordinatorState } from "../../protocol/coordinator/state.ts";
import type { ActorState } from "./actors.ts";
import { askedBy } from "./repeats.ts";
import { isPending, type StepwiseOptions, stepsOf } from "./stepwiseLife.ts";

export interface Traits {
  readonly actor: ActorState;
  /** Of a coordinator that lives and has not stood down: whoever else has still something to say. */
  readonly coordinator: CoordinatorState | undefined;
  /** A coordinator that waits for the register's answer, or a crashed one whose write is still on its way. */
  readonly awaits: boolean;
  /** The limit of an epoch is running. */
  readonly isLimited: boolean;
  /** Timers that no earlier, shorter one goes before. */
  readonly timers: readonly string[];
  readonly asked: ReturnType<typeof askedBy>;
  readonly taskSteps: readonly string[];
  /** A CPU with a task that is to switch and has not. */
  readonly isBehind: boolean;
}

const none: readonly never[] = [];

export const traitsOf = (actor: ActorState, life: StepwiseOptions): Traits => {
  const timers = "timers" in actor ? actor.timers : none;
  const coordinator = actor.kind === "coordinator" ? actor.state : undefined;
  return {
    actor,
    coordinator: coordinator?.activity === "stood-down" ? undefined : coordinator,
    awaits: "proposal" in actor && actor.proposal !== null,
    isLimited: coordinator !== undefined && timers.some(({ timer }) => timer === "limit"),
    timers: timers.filter(({ after }) => after.length === 0).map(({ timer }) => timer),
    asked: coordinator === undefined ? undefined : askedBy(coordinator),
    taskSteps: actor.kind === "cpu" && actor.state.life !== null ? stepsOf(actor.state.life, life) : none,
    isBehind: actor.kind === "cpu" && actor.state.life !== null && isPending(actor.state.life),
  };
};
