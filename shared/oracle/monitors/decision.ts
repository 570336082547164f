// decision: one outcome per epoch, whoever announces it, and none from a coordinator life that stood down.
//
// Rests on `took`, `stood-down`, `opened`, `decided`, `closed` and on what coordinators ask. A coordinator that lost its term in the
// meantime may announce late what it wrote in time, so the order of terms is not judged here; that its outcome is the same one is. Once
// it has said that it stood down it knows, and what it opens, asks or decides after that is wrong, be the outcome right or not.
import type { Outcome } from "../../protocol/messages.ts";

import { forEveryModel, type Monitor } from "../monitor.ts";

export const decision: Monitor = {
  name: "decision",
  about: "protocol",
  guarantee:
    "an epoch has one outcome, never an abort after a commit, followed by every coordinator life, each term held by one life, which stands down for good",
  appliesTo: forEveryModel,
  watch: (_, breach) => {
    const memory = { outcomes: new Map<number, Outcome>(), holders: new Map<number, number>(), gone: new Set<number>() };
    const { outcomes, holders, gone } = memory;
    const acts = (life: number, doing: string, epoch: number, at: number): void => {
      if (gone.has(life)) breach({ reason: `coordinator ${life} ${doing} epoch ${epoch} after it had stood down`, at });
    };
    const follow = (life: number, doing: string, epoch: number, outcome: Outcome, at: number): void => {
      const decided = outcomes.get(epoch);
      if (decided !== outcome)
        breach({ reason: `coordinator ${life} ${doing} epoch ${epoch} as ${outcome}, but it was ${decided ?? "not yet decided"}`, at });
    };
    return {
      memory,
      on: {
        took: ({ life, term }, at) => {
          const holder = holders.get(term);
          if (holder === undefined) holders.set(term, life);
          else if (holder !== life) breach({ reason: `coordinators ${holder} and ${life} both hold term ${term}`, at });
        },
        "stood-down": ({ life }) => {
          gone.add(life);
        },
        opened: ({ life, epoch }, at) => {
          acts(life, "opened", epoch, at);
          if (epoch > 1 && !outcomes.has(epoch - 1)) {
            breach({ reason: `coordinator ${life} opened epoch ${epoch} before epoch ${epoch - 1} was decided`, at });
          }
        },
        decided: ({ life, epoch, outcome }, at) => {
          acts(life, "decided", epoch, at);
          if (outcomes.has(epoch)) follow(life, "decided", epoch, outcome, at);
          else outcomes.set(epoch, outcome);
        },
        asked: ({ life, epoch, ask }, at) => {
          acts(life, `asked for ${ask.do} in`, epoch, at);
          if (ask.do === "run") follow(life, "asked for run in", epoch, "committed", at);
          else if (ask.do === "complete") follow(life, "asked for complete in", epoch, "committed", at);
          else if (ask.do === "reverse" || ask.do === "cancel") follow(life, `asked for ${ask.do} in`, epoch, "aborted", at);
          else if (ask.do === "exit") follow(life, "asked for exit from", epoch, ask.outcome, at);
        },
        closed: ({ life, epoch, outcome }, at) => follow(life, "closed", epoch, outcome, at),
      },
    };
  },
};
