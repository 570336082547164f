// Machines around machines, for mutants that no single decision of the protocol makes: one that is deaf to a timer, one that writes blindly.
import type { Machine } from "../machine/machine.ts";
import type { CoordinatorMachine } from "../protocol/coordinator/coordinator.ts";
import type { CoordinatorOutput, CoordinatorState } from "../protocol/coordinator/state.ts";
import type { Register } from "../protocol/messages.ts";

type AnyMachine<State, Msg, Timer extends string, Record, Fact> = Machine<State, Msg, Timer, Record, Fact>;

/** This timer runs out, and nothing happens. */
export const deafTo = <State, Msg, Timer extends string, Record, Fact>(
  machine: AnyMachine<State, Msg, Timer, Record, Fact>,
  timer: Timer,
): AnyMachine<State, Msg, Timer, Record, Fact> => ({
  ...machine,
  step: (state, input) => (input.kind === "timeout" && input.timer === timer ? [state, []] : machine.step(state, input)),
});

/** A coordinator's state, and what it has still to write. */
interface Blind extends CoordinatorState {
  unwritten?: Register | null;
}

/** Instead of comparing it reads the register anew, and writes over whatever it reads. */
export const writingBlindly = (machine: CoordinatorMachine): CoordinatorMachine => ({
  ...machine,
  step: (state: Blind, input) => {
    const { unwritten } = state;
    if (input.kind === "register" && unwritten !== undefined && unwritten !== null) {
      state.unwritten = null;
      return [state, [{ kind: "propose", revision: input.revision, record: unwritten }]];
    }
    const [next, outputs] = machine.step(state, input);
    return [next, outputs.map((output) => readFirst(next, output))];
  },
});

const readFirst = (state: Blind, output: CoordinatorOutput): CoordinatorOutput => {
  if (output.kind !== "propose" || output.record === null) return output;
  state.unwritten = output.record;
  return { kind: "propose", revision: -1, record: null };
};
