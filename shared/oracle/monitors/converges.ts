// converges: a machine that is not disturbed any more comes to an end.
//
// Rests on how the engine ended the run. What was waited for is told from the round asked last; who held it up, from the blame report.
import { forEveryModel, type Monitor } from "../monitor.ts";

const seconds = (ns: number): string => `${(ns / 1e9).toPrecision(3)} s`;

export const converges: Monitor = {
  name: "converges",
  guarantee: "a run whose faults have ended ends itself, within its bound",
  appliesTo: forEveryModel,
  watch: (_, breach) => {
    let doing = "waiting for the CPUs to come up";
    return {
      on: {
        opened: ({ epoch }) => {
          doing = `opening epoch ${epoch}`;
        },
        asked: ({ epoch, round, ask }) => {
          doing = `in ${ask.do}, round ${round} of epoch ${epoch}`;
        },
        decided: ({ epoch, outcome }) => {
          doing = `about to leave epoch ${epoch}, ${outcome}`;
        },
        closed: ({ epoch }) => {
          doing = `past epoch ${epoch}`;
        },
        finished: () => {
          doing = "finished, but for CPUs that wait for their welcome";
        },
      },
      end: ({ ended, at, healedAt, boundNs }) => {
        if (ended !== "stuck") return;
        const since = healedAt === null ? "" : ` ${seconds(at - healedAt)} after the faults ended (bound ${seconds(boundNs)})`;
        breach({ reason: `not at an end${since}: ${doing}`, at });
      },
    };
  },
};
