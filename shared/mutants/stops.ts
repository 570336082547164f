// Mutants of a stop: rounds that are skipped or cut short, and CPUs that do not stay where their vote put them (R1, R4, R5, R8, C4).
import { kpatch } from "../consistency/kpatch.ts";
import { simple } from "../consistency/simple.ts";
import { cpuRules } from "../protocol/cpu/rules.ts";
import { compareStamps } from "../protocol/stamp.ts";
import { deafTo } from "./around.ts";
import { callingOften, inPatchedFunctions, withoutLimit } from "./grounds.ts";
import type { Mutant } from "./mutant.ts";

export const stops: readonly Mutant[] = [
  {
    name: "prepare-skipped",
    rule: "R3: the stopper takes every CPU before any turns its interrupts off",
    instead: "all are asked for both at once",
    variant: { coordinator: { beforeVote: () => ({ do: "disable-irq", walker: 0 }) } },
    model: kpatch,
    // Who spins for a CPU that has its interrupts off already waits for ever.
    ground: (setup) => callingOften(withoutLimit(setup)),
    faults: [],
    caughtBy: ["rounds", "converges"],
  },
  {
    name: "exit-before-run-acked",
    rule: "C2, C5: a run ends when everyone has acked it",
    instead: "it ends as soon as the text is written",
    variant: { coordinator: { isRoundOver: ({ ask, wrote, missing }) => missing === 0 || (ask.do === "run" && wrote) } },
    model: simple,
    faults: ["delay 20us..100us of ack from cpu 3 during run"],
    caughtBy: ["rounds"],
  },
  {
    name: "run-without-wrote",
    rule: "R5: a run ends only with the word of its writer",
    instead: "it ends when all that are left have acked",
    variant: { coordinator: { isWritten: () => true } },
    model: simple,
    faults: ["crash cpu 0 at run"],
    caughtBy: ["whole-call"],
  },
  {
    name: "busy-vote-passed-over",
    rule: "C4: commit is asked for only when every vote was clear",
    instead: "it is asked for when every vote is in",
    variant: { coordinator: { mayCommit: () => true } },
    model: kpatch,
    ground: inPatchedFunctions,
    faults: [],
    caughtBy: ["all-acked", "off-stack"],
  },
  {
    name: "leaves-after-vote",
    rule: "R8: whoever has voted leaves only by exit",
    instead: "it goes on at its hold limit as if it had not voted",
    variant: { cpu: { mayWithdraw: (stage) => stage !== "running" && stage !== "switching" } },
    model: simple,
    faults: ["crash coordinator at run"],
    caughtBy: ["left-kernel", "one-instant"],
  },
  {
    name: "late-round-obeyed-after-exit",
    rule: "R1: a round older than the highest is late",
    instead: "after its exit a CPU obeys it",
    variant: {
      cpu: {
        isLate: (state, msg) => cpuRules.isLate(state, msg) && state.stage !== "running",
        hasLeft: (state, msg) => cpuRules.hasLeft(state, msg) && compareStamps(msg, state) >= 0,
      },
    },
    model: simple,
    faults: ["duplicate 10% of stop after 10us..500us"],
    caughtBy: ["rounds", "released"],
  },
  {
    name: "left-epoch-entered-again",
    rule: "R1: an epoch once left is never entered again, whatever the term",
    instead: "a new term lets it in again",
    variant: { cpu: { hasLeft: (state, msg) => cpuRules.hasLeft(state, msg) && msg.term <= state.term } },
    model: simple,
    faults: ["crash cpu 3 at prepare", "second coordinator at exit", "drop 60% of ack during exit"],
    caughtBy: ["rounds", "converges"],
  },
  {
    name: "call-never-repeated",
    rule: "R10: a caller repeats its call until it is answered",
    instead: "it calls once, and waits",
    variant: { aroundCpu: (machine) => deafTo(machine, "call-again") },
    model: simple,
    ground: (setup) => callingOften(withoutLimit(setup)),
    faults: ["drop 50% of call"],
    caughtBy: ["converges"],
  },
];
