// all-acked: no commit and no new text before every participant has voted `clear`.
//
// Rests on `voted` of the admitted incarnation in the very epoch; counted, so that a decision costs no look at every CPU.
import type { Monitor } from "../monitor.ts";

export const allAcked: Monitor = {
  name: "all-acked",
  about: "protocol",
  guarantee: "text is written only after every participant's vote of that epoch and incarnation was clear",
  appliesTo: (_, switches) => switches === "kernel",
  watch: (roster, breach) => {
    /** The epoch in which each CPU's clear vote was counted last. */
    const clearIn = new Int32Array(roster.cpus);
    let epoch = 0;
    let clear = 0;
    let refused = -1;
    let judged = 0;

    /** Judges the epoch once, at whatever shows first that it was taken for agreed. */
    const judge = (what: string, at: number): void => {
      if (judged === roster.epoch) return;
      judged = roster.epoch;
      if (refused >= 0) breach({ reason: `${what} in epoch ${epoch} although cpu ${refused} voted busy`, at, cpu: refused });
      else if (clear < roster.participantCount) {
        const cpu = roster.admitted.findIndex((incarnation, candidate) => incarnation > 0 && clearIn[candidate] !== epoch);
        breach({
          reason: `${what} in epoch ${epoch} after ${clear} of ${roster.participantCount} clear votes: cpu ${cpu} has not voted`,
          at,
          cpu,
        });
      }
    };

    return {
      on: {
        opened: () => {
          if (epoch === roster.epoch) return;
          epoch = roster.epoch;
          clear = 0;
          refused = -1;
        },
        voted: ({ cpu, incarnation, epoch: of, report }) => {
          if (of !== epoch || incarnation !== roster.admitted[cpu]) return;
          if (report.kind !== "clear") refused = cpu;
          else if (clearIn[cpu] !== epoch) {
            clearIn[cpu] = epoch;
            clear++;
          }
        },
        decided: ({ epoch: of, outcome }, at) => {
          if (of === epoch && outcome === "committed") judge("committed", at);
        },
        wrote: ({ epoch: of }, at) => {
          if (of === epoch) judge("text written", at);
        },
      },
    };
  },
};
