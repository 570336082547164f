// Mutants of a transition's end (T2).
import { hybrid } from "../consistency/hybrid.ts";
import { inPatchedFunctions } from "./grounds.ts";
import type { Mutant } from "./mutant.ts";

export const transitions: readonly Mutant[] = [
  {
    name: "complete-with-one-pending",
    rule: "T2: a transition is over when a whole round has named nobody, and for a CPU when none of its tasks is left behind",
    instead: "one CPU may have tasks that have not switched",
    variant: { coordinator: { haveAllSwitched: ({ pending }) => pending <= 1 }, cpu: { mayEnd: () => true } },
    model: hybrid,
    ground: inPatchedFunctions,
    faults: [],
    caughtBy: ["no-false-complete"],
  },
];
