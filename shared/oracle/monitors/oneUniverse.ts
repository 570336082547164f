// one-universe: between two switches a task sees one version, and it switches once.
//
// Rests on what `switched` counts: kernel entries whose calls ran both versions, and how many of them no switch of their own task in the
// middle of them explains; where functions switch by themselves, nothing explains any. A task that switches twice towards one version
// shows as a count that still grows when nobody is pending. A CPU's flag for interrupt handlers says where the transition goes from the
// first that is told of it, and turns once for each direction.
import type { FactOf, Monitor } from "../monitor.ts";

export const oneUniverse: Monitor = {
  name: "one-universe",
  about: "consistency",
  guarantee:
    "between two switch points a task, or a CPU's interrupts, see one version of the patch set; each switches once in each direction",
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
      turns: eachCpu(),
    };
    const { reportedIn, life, epochOf, target, count, pending, turns } = memory;

    const reasonFor = (fact: FactOf<"switched">): string | undefined => {
      const { cpu, mixed, unexplained } = fact;
      if (unexplained > 0)
        return `${mixed} kernel entries on cpu ${cpu} ran both versions, ${mixed - unexplained} of them by a switch of their task`;
      if (fact.flag !== null && fact.flag.version !== fact.target)
        return `interrupts on cpu ${cpu} run version ${fact.flag.version} in a transition to version ${fact.target}`;
      if (life[cpu] !== fact.incarnation || epochOf[cpu] !== fact.epoch) return undefined;
      const before = count[cpu] as number;
      if (fact.count < before) return `cpu ${cpu} tells of ${fact.count} switches after it told of ${before}`;
      const turned = (fact.flag?.turns ?? 0) - (turns[cpu] as number);
      if (turned > (target[cpu] === fact.target ? 0 : 1))
        return `the interrupts of cpu ${cpu} changed versions ${turned} times in one direction`;
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
          turns[cpu] = fact.flag?.turns ?? 0;
          if (reason === undefined || reportedIn[cpu] === epoch) return;
          reportedIn[cpu] = epoch;
          breach({ reason, at, cpu });
        },
      },
    };
  },
};
