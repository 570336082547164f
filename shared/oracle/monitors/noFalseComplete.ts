// no-false-complete: a transition is over only when nobody is left behind.
//
// Rests on what each participant announced last of its tasks when the commit was decided, or when the end of a transition that was
// turned back was asked for; and on what it announces after that. Only epochs in which tasks were asked to switch are judged: a patch
// that was given up while its redirections were installed leaves nobody behind.
import type { Monitor } from "../monitor.ts";
import type { Roster } from "../roster.ts";

export const noFalseComplete: Monitor = {
  name: "no-false-complete",
  about: "protocol",
  guarantee: "a transition is never declared over while a task has not switched",
  appliesTo: (_, switches) => switches === "task",
  watch: (roster, breach) => {
    const memory = { epoch: 0, committed: false, isOver: false };

    const judge = (what: string, version: number, at: number): void => {
      for (let cpu = 0; cpu < roster.cpus; cpu++) {
        const reason = roster.takesPart(cpu) ? whyNot(roster, cpu, version) : undefined;
        if (reason !== undefined) breach({ reason: `${what} epoch ${memory.epoch} while ${reason}`, at, cpu });
      }
    };

    return {
      memory,
      on: {
        opened: () => {
          if (memory.epoch === roster.epoch) return;
          memory.epoch = roster.epoch;
          memory.committed = false;
          memory.isOver = false;
        },
        decided: ({ epoch: of, outcome }, at) => {
          if (of !== memory.epoch || outcome !== "committed" || memory.committed) return;
          memory.committed = true;
          if (roster.way === "task") judge("committed", roster.target, at);
        },
        asked: ({ epoch: of, ask }, at) => {
          if (of !== memory.epoch || (ask.do !== "complete" && ask.do !== "cancel")) return;
          if (ask.do === "cancel" && !memory.isOver && roster.way === "task") judge("cancelled", roster.base, at);
          memory.isOver = true;
        },
        switched: ({ cpu, incarnation, epoch: of, pending }, at) => {
          if (!memory.isOver || of !== memory.epoch || pending === 0 || !roster.lives(cpu, incarnation)) return;
          breach({ reason: `cpu ${cpu} left epoch ${of} with ${pending} tasks that had not switched`, at, cpu });
        },
      },
    };
  },
};

/** Whoever came to the transition after its opening, or began to run in the middle of it, was born where it leads: it need not have told. */
const whyNot = (roster: Roster, cpu: number, version: number): string | undefined => {
  const progress = roster.progressOf(cpu);
  if (progress === undefined)
    return roster.hasJoined(cpu) || roster.isNewborn(cpu) ? undefined : `cpu ${cpu} has told nothing of its tasks`;
  if (progress.target !== version) return `cpu ${cpu} was last on its way to version ${progress.target}`;
  return progress.pending > 0 ? `${progress.pending} tasks of cpu ${cpu} had not switched` : undefined;
};
