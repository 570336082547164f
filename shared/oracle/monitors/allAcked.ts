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
    /** `clearIn`: the epoch in which each CPU's clear vote was counted last. */
    const memory = { clearIn: new Int32Array(roster.cpus), epoch: 0, clear: 0, refused: -1, judged: 0 };
    const { clearIn } = memory;

    /** Judges the epoch once, at whatever shows first that it was taken for agreed. */
    const judge = (what: string, at: number): void => {
      const { epoch, clear, refused } = memory;
      if (memory.judged === roster.epoch) return;
      memory.judged = roster.epoch;
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
      memory,
      on: {
        opened: () => {
          if (memory.epoch === roster.epoch) return;
          memory.epoch = roster.epoch;
          memory.clear = 0;
          memory.refused = -1;
        },
        voted: ({ cpu, incarnation, epoch: of, report }) => {
          if (of !== memory.epoch || incarnation !== roster.admitted[cpu]) return;
          if (report.kind !== "clear") memory.refused = cpu;
          else if (clearIn[cpu] !== memory.epoch) {
            clearIn[cpu] = memory.epoch;
            memory.clear++;
          }
        },
        decided: ({ epoch: of, outcome }, at) => {
          if (of === memory.epoch && outcome === "committed") judge("committed", at);
        },
        wrote: ({ epoch: of }, at) => {
          if (of === memory.epoch) judge("text written", at);
        },
      },
    };
  },
};
