// left-kernel: at the decision nobody is in the kernel, and nobody moves from the vote to the exit.
//
// Rests on the census of each vote, counted from the tasks themselves, and on the census just before `resumed`: the same number of task
// steps means that nothing moved. Whoever has voted leaves by `exit` only, so a withdrawal after the vote is a breach too. Of a
// transition, rests on what `switched` counts: tasks that had kernel frames in use when they switched, less those that were made to.
import type { Census } from "../../kernel/life.ts";
import type { Monitor } from "../monitor.ts";

export const leftKernel: Monitor = {
  name: "left-kernel",
  about: "consistency",
  guarantee: "whoever switches is out of the kernel or at a safe point; all at the decision of a stop, where none moves until exit",
  appliesTo: (leave) => leave === "kernel",
  watch: (roster, breach) => {
    const memory = {
      /** The vote of each CPU: its epoch and incarnation, and the task steps taken until then. */
      votedIn: new Int32Array(roster.cpus),
      votedAs: new Int32Array(roster.cpus),
      steps: new Float64Array(roster.cpus),
      reportedIn: new Int32Array(roster.cpus),
      /** Votes of the epoch that were cast with somebody still inside. */
      inside: [] as Array<{ readonly cpu: number; readonly census: Census }>,
      epoch: 0,
    };
    const { votedIn, votedAs, steps, reportedIn } = memory;
    return {
      memory,
      on: {
        opened: () => {
          if (memory.epoch === roster.epoch) return;
          memory.epoch = roster.epoch;
          memory.inside = [];
        },
        voted: ({ cpu, incarnation, epoch: of, census }) => {
          votedIn[cpu] = of;
          votedAs[cpu] = incarnation;
          steps[cpu] = census.steps;
          if (of === memory.epoch && census.inKernel + census.unsafe > 0) memory.inside.push({ cpu, census });
        },
        decided: ({ epoch: of, outcome }, at) => {
          if (of !== memory.epoch || outcome !== "committed") return;
          for (const { cpu, census } of memory.inside) {
            const who = `${census.inKernel} user tasks in the kernel and ${census.unsafe} kthreads at no safe point`;
            breach({ reason: `committed epoch ${of} while cpu ${cpu} had ${who}`, at, cpu });
          }
          memory.inside = [];
        },
        resumed: ({ cpu, incarnation, epoch: of, census }, at) => {
          if (votedIn[cpu] !== of || votedAs[cpu] !== incarnation || steps[cpu] === census.steps) return;
          breach({
            reason: `tasks of cpu ${cpu} took ${census.steps - (steps[cpu] as number)} steps between vote and exit of epoch ${of}`,
            at,
            cpu,
          });
        },
        switched: ({ cpu, epoch: of, target, inKernel, forced }, at) => {
          if (of !== memory.epoch || inKernel <= forced || reportedIn[cpu] === of) return;
          reportedIn[cpu] = of;
          breach({ reason: `${inKernel - forced} tasks of cpu ${cpu} came to version ${target} inside the kernel`, at, cpu });
        },
        withdrew: ({ cpu, incarnation, epoch: of }, at) => {
          if (votedIn[cpu] === of && votedAs[cpu] === incarnation)
            breach({ reason: `cpu ${cpu} left epoch ${of} after its vote`, at, cpu });
        },
      },
    };
  },
};
