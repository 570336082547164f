// What mutants that look into the tasks of a life in time do to the tasks of a stepwise one, by the name of the mutant.
import type { Life } from "../../kernel/life.ts";
import type { Variant } from "../../protocol/variant.ts";
import { isAsleep, isPending, type StepwiseLife } from "./stepwiseLife.ts";

export interface StepwiseVariant extends Variant {
  readonly stepwiseLife?: (life: Life<StepwiseLife>) => Life<StepwiseLife>;
}

export const stepwiseLives: ReadonlyMap<string, NonNullable<StepwiseVariant["stepwiseLife"]>> = new Map([
  [
    "sleepers-not-checked",
    (life) => ({
      ...life,
      busy: (state) => {
        const busy = life.busy(state);
        return isAsleep(state) ? [] : busy;
      },
    }),
  ],
  [
    // The first to switch is the idle task of the CPU, which has no program here: it does so at the first look.
    "calls-follow-their-cpu",
    (life) => ({
      ...life,
      aim: (state, round) => {
        life.aim(state, round);
        if (state.crossing !== null && isPending(state)) state.crossing.calls = [round.target, round.target];
      },
    }),
  ],
  [
    "interrupts-stay-behind",
    (life) => ({
      ...life,
      aim: (state, round) => {
        life.aim(state, round);
        if (state.crossing?.flag) state.crossing.flag = { ...state.crossing.flag, version: round.from };
      },
    }),
  ],
]);
