// What somebody in charge asks of a coordinator: to turn or force the transition under way, or to do one more operation.
import { fromCpus } from "../../machine/cpuSet.ts";
import type { Control, Operation } from "../messages.ts";
import { cutShort } from "./decide.ts";
import type { CoordinatorContext, CoordinatorState, Turn } from "./state.ts";
import { force } from "./transition.ts";

export const onControl = (state: CoordinatorState, context: CoordinatorContext, turn: Turn, msg: Control): void => {
  switch (msg.do) {
    case "operate":
      return operateToo(state, msg.operation);
    case "force":
      return force(state, context, turn);
    case "reverse":
      return reverse(state, context, turn);
  }
};

/** One more operation, after those that are to be done. What was given up, or turned back, is not tried again: this one takes its place. */
const operateToo = (state: CoordinatorState, operation: Operation): void => {
  const { activity, record, operations } = state;
  const gaveUp = activity === "finished" && record !== null && record.step < operations.length;
  state.operations = [...(gaveUp ? operations.slice(0, record.step) : operations), operation];
  if (gaveUp) state.record = { ...record, attempt: 0 };
  if (activity === "finished") state.activity = "idle";
};

/** T5: once an epoch. The register holds one decision of each. */
const reverse = (state: CoordinatorState, { rules, model }: CoordinatorContext, turn: Turn): void => {
  if (rules.isUndecided(state) && model.gradual?.reversible === true)
    cutShort(state, turn, { why: "reversed", cpus: fromCpus(state.busyCpus), busy: [...state.busy] });
};
