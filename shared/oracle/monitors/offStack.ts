// off-stack: nobody changes versions in the middle of what is being changed.
//
// Of a stop, rests on the census of each vote, whatever a stack reader said, and on the calls that `resumed` names as under way across
// the change. Of a transition, on what `switched` counts from the tasks themselves. Functions that the patch marks as forced are not
// counted there, nor are tasks that were made to switch. Each CPU is reported once an epoch.
import type { FactOf, Monitor } from "../monitor.ts";

export const offStack: Monitor = {
  name: "off-stack",
  about: "consistency",
  guarantee: "at its switch no task has an outgoing function of the patch set on its stack, forced ones apart",
  appliesTo: (leave) => leave !== "function",
  watch: (roster, breach) => {
    /** `over`: votes of the epoch that were cast over a function of the patch set. */
    const memory = { reportedIn: new Int32Array(roster.cpus), over: [] as Array<FactOf<"voted">>, epoch: 0, committed: false };
    const { reportedIn } = memory;

    const report = (cpu: number, reason: string, at: number, task?: string): void => {
      if (reportedIn[cpu] === memory.epoch) return;
      reportedIn[cpu] = memory.epoch;
      breach({ reason, at, cpu, ...(task === undefined ? {} : { task }) });
    };

    return {
      memory,
      on: {
        opened: () => {
          if (memory.epoch === roster.epoch) return;
          memory.epoch = roster.epoch;
          memory.over = [];
          memory.committed = false;
        },
        voted: (vote) => {
          if (vote.epoch === memory.epoch && vote.census.onStack > 0) memory.over.push(vote);
        },
        decided: ({ epoch: of, outcome }, at) => {
          if (of !== memory.epoch || outcome !== "committed") return;
          memory.committed = true;
          for (const { cpu, census } of memory.over)
            report(cpu, `committed epoch ${of} while ${census.onStack} tasks of cpu ${cpu} were in functions of the patch set`, at);
          memory.over = [];
        },
        resumed: ({ cpu, epoch: of, version, straddles }, at) => {
          if (of !== memory.epoch || !memory.committed) return;
          for (const { task, patched } of straddles)
            if (patched !== null) report(cpu, `${task} on cpu ${cpu} was in ${patched} while version ${version} took its place`, at, task);
        },
        switched: ({ cpu, epoch: of, target, onStack, onStackCount }, at) => {
          if (of !== memory.epoch || onStackCount === 0) return;
          const [first] = onStack;
          const where = first === undefined ? "" : `, ${first.task} in ${first.patched ?? "functions that call them"}`;
          const reason = `${onStackCount} tasks of cpu ${cpu} came to version ${target} in outgoing functions${where}`;
          report(cpu, reason, at, first?.task);
        },
      },
    };
  },
};
