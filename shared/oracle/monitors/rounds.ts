// rounds: asked in order, answered by everyone, obeyed once and never backwards.
//
// The coordinator's side rests on `asked` and `round-ended` of each term: what may follow what, and acks that are matched by as many
// CPUs that announced what the round is for (a copied or foreign ack is matched by nobody; of `sync` nothing is announced). Deaths may
// shorten only `run` and `exit` of a stop, and every round of a transition. The CPU's side rests on the stamps of its facts: they never
// go back, and an epoch once left is never entered again.
import { size } from "../../machine/cpuSet.ts";
import type { Handlers, Monitor } from "../monitor.ts";
import { forEveryModel } from "../monitor.ts";
import type { Current } from "./rounds/current.ts";
import { Marks } from "./rounds/marks.ts";
import { judgeAudience, judgeOrder } from "./rounds/order.ts";

export const rounds: Monitor = {
  name: "rounds",
  about: "protocol",
  guarantee: "rounds come in order, and each is acked once per term by each participant",
  appliesTo: forEveryModel,
  watch: (roster, breach) => {
    const terms = new Map<number, Current>();
    const marks = new Marks(roster, terms, breach);
    const asking: Handlers = {
      asked: (fact, at) => {
        const before = terms.get(fact.term);
        const previous = before?.asked.epoch === fact.epoch ? before : undefined;
        judgeOrder(fact, previous, roster, (reason) => breach({ reason, at }));
        judgeAudience(fact, roster, (reason) => breach({ reason, at }));
        const { losses } = roster;
        const open = { answers: 0, ended: false, cut: false, acks: 0 };
        terms.set(fact.term, { asked: fact, size: size(fact.of), losses, ...open });
      },
      decided: ({ term, epoch, outcome }) => {
        const current = terms.get(term);
        if (outcome === "aborted" && current?.asked.epoch === epoch) current.cut = true;
      },
      "round-ended": (fact, at) => {
        const current = terms.get(fact.term);
        if (current === undefined || current.asked.epoch !== fact.epoch || current.asked.round !== fact.round) {
          breach({ reason: `round ${fact.round} of epoch ${fact.epoch} ended, which was not under way`, at });
          return;
        }
        current.ended = true;
        current.acks = fact.acks;
        marks.judgeEnd(current, at);
      },
    };
    return { memory: { terms, marks }, on: { ...asking, ...marks.on } };
  },
};
