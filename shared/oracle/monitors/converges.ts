// converges: a machine that is not disturbed any more comes to an end.
//
// Rests on how the engine ended the run. A model without a limit may leave a transition open for ever, as long as there is a task that has
// not switched; else nothing holds it up, and it is stuck. What was waited for is told from the round asked last; who held it up, from the blame report.
import { forEveryModel, type Monitor } from "../monitor.ts";

const seconds = (ns: number): string => `${(ns / 1e9).toPrecision(3)} s`;

export const converges: Monitor = {
  name: "converges",
  about: "protocol",
  guarantee: "a run whose faults have ended ends itself, within its bound",
  appliesTo: forEveryModel,
  watch: (roster, breach) => {
    const memory = { doing: "waiting for the CPUs to come up" };
    return {
      memory,
      on: {
        opened: ({ epoch }) => {
          memory.doing = `opening epoch ${epoch}`;
        },
        asked: ({ epoch, round, ask }) => {
          memory.doing = `in ${ask.do}, round ${round} of epoch ${epoch}`;
        },
        decided: ({ epoch, outcome }) => {
          memory.doing = `about to leave epoch ${epoch}, ${outcome}`;
        },
        closed: ({ epoch }) => {
          memory.doing = `past epoch ${epoch}`;
        },
        finished: () => {
          memory.doing = "finished, but for CPUs that wait for their welcome";
        },
      },
      end: ({ ended, at, healedAt, boundNs }) => {
        const isOpen = ended === "open" && roster.pending().next().done !== true;
        if (isOpen || (ended !== "stuck" && ended !== "open")) return;
        const since = healedAt === null ? "" : ` ${seconds(at - healedAt)} after the faults ended (bound ${seconds(boundNs)})`;
        breach({ reason: `not at an end${since}: ${memory.doing}`, at });
      },
    };
  },
};
