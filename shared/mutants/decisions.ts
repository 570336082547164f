// Mutants of the one decision of an epoch, and of the register that holds it (C4, C5, C6).
import { simple } from "../consistency/simple.ts";
import { coordinatorRules } from "../protocol/coordinator/rules.ts";
import { writingBlindly } from "./around.ts";
import { unpatchingToo } from "./grounds.ts";
import type { Mutant } from "./mutant.ts";

export const decisions: readonly Mutant[] = [
  {
    name: "recovery-forgets-register",
    rule: "C6: a new coordinator brings the epoch that it finds to its end",
    instead: "it takes what it finds for over",
    variant: {
      coordinator: {
        takes: (record, context, life) => ({ ...coordinatorRules.takes(record, context, life), state: "done", outcome: null }),
      },
    },
    model: simple,
    faults: ["crash coordinator at run restart after 200us"],
    caughtBy: ["decision", "undo", "converges"],
  },
  {
    name: "written-without-compare-and-set",
    rule: "the register is written only by compare-and-set on its revision",
    instead: "it is read anew and written over, whatever stands there",
    variant: { aroundCoordinator: writingBlindly },
    model: simple,
    faults: ["second coordinator at disable-irq"],
    caughtBy: ["decision"],
  },
  {
    name: "old-term-keeps-deciding",
    rule: "C6: whoever reads another holder's term stands down for good",
    instead: "it goes on as if the register had said yes",
    variant: {
      coordinator: {
        holdsTerm: (state, answer) =>
          state.purpose === "read" || state.purpose === "take" ? coordinatorRules.holdsTerm(state, answer) : answer !== null,
      },
    },
    model: simple,
    faults: ["second coordinator at prepare"],
    caughtBy: ["decision", "rounds", "converges"],
  },
  {
    name: "abort-after-commit",
    rule: "C5: after the commit there is no abort",
    instead: "a death, a withdrawal or the limit still aborts",
    variant: {
      coordinator: {
        isUndecided: ({ activity, record }) => (activity === "round" || activity === "waiting") && record?.state !== "done",
      },
    },
    model: simple,
    faults: ["crash cpu 1 at run"],
    caughtBy: ["decision", "whole-call", "all-or-nothing"],
  },
  {
    name: "unpatch-goes-up",
    rule: "to unpatch is to go back to the version below",
    instead: "it goes to a new one",
    variant: { coordinator: { targetOf: (_, version) => version + 1 } },
    model: simple,
    ground: unpatchingToo,
    faults: [],
    caughtBy: ["undo"],
  },
];
