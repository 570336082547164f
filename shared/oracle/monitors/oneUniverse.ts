// one-universe: between two switches a task sees one version, and it switches once.
//
// Rests on what `switched` counts: kernel entries whose calls ran both versions, and how many of them no switch of their own task in the
// middle of them explains; where functions switch by themselves, nothing explains any. A task that switches twice towards one version
// shows as a count that still grows when nobody is pending.
import type { FactOf, Monitor } from "../monitor.ts";

export const oneUniverse: Monitor = {
  name: "one-universe",
  about: "consistency",
  guarantee: "between two switch points a task sees one version of the patch set, and it switches once in each direction",
  appliesTo: (_, switches) => switches === "task",
  watch: (roster, breach) => {
    const eachCpu = () => new Int32Array(roster.cpus);
    const memory = {
      reportedIn: eachCpu(),
      life: eachCpu(),
      epochOf: eachCpu(),
      target: eachCpu(),
      count: eachCpu(),
      pending: eachCpu(),
    };
    const { reportedIn, life, epochOf, target, count, pending } = memory;

    const reasonFor = (fact: FactOf<"switched">): string | undefined => {
      const { cpu, mixed, unexplained } = fact;
      if (unexplained > 0)
        return `${mixed} kernel entries on cpu ${cpu} ran both versions, ${mixed - unexplained} of them by a switch of their task`;
      if (life[cpu] !== fact.incarnation || epochOf[cpu] !== fact.epoch) return undefined;
      const before = count[cpu] as number;
      if (fact.count < before) return `cpu ${cpu} tells of ${fact.count} switches after it told of ${before}`;
      const isOver = target[cpu] === fact.target && pending[cpu] === 0 && roster.way === "task";
      if (isOver && fact.count > before) return `${fact.count - before} tasks of cpu ${cpu} came to version ${fact.target} once more`;
      return undefined;
    };

    return {
      memory,
      on: {
        switched: (fact, at) => {
          const { cpu, epoch, incarnation } = fact;
          if (epoch !== roster.epoch) return;
          const reason = reasonFor(fact);
          life[cpu] = incarnation;
          epochOf[cpu] = epoch;
          target[cpu] = fact.target;
          count[cpu] = fact.count;
          pending[cpu] = fact.pending;
          if (reason === undefined || reportedIn[cpu] === epoch) return;
          reportedIn[cpu] = epoch;
          breach({ reason, at, cpu });
        },
      },
    };
  },
};
