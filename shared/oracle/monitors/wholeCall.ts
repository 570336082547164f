// whole-call: whatever a call resolves to is there.
//
// Rests on `wrote` and on the first `poked` of an epoch: the text of a version is there from then on. In a transition that of the old one
// is there too, to its end; and whoever starts in one brings the text that it starts on. A call that is under way across the change runs
// on in the text that it began with: whether there may be such calls is what off-stack is about. Where no participant is left that could
// have written, there is no text to speak of either: whoever starts next starts from the image of the version in force.
import { initialVersion } from "../../protocol/setup.ts";
import { forEveryModel, type Monitor } from "../monitor.ts";

export const wholeCall: Monitor = {
  name: "whole-call",
  about: "consistency",
  guarantee: "no call resolves to a version that is not there",
  appliesTo: forEveryModel,
  watch: (roster, breach) => {
    /** `poked`: what a transition brings beside the text that is there, once it has begun to. */
    const memory = { text: initialVersion, poked: null as number | null, epoch: 0 };
    const mustBeThere = (cpu: number, incarnation: number, version: number, at: number): void => {
      if (version === memory.text || version === memory.poked || !roster.lives(cpu, incarnation)) return;
      for (let other = 0; other < roster.cpus; other++) {
        if (roster.takesPart(other)) {
          breach({ reason: `cpu ${cpu} goes on with version ${version} where the text is of version ${memory.text}`, at, cpu });
          return;
        }
      }
      memory.text = version;
    };
    return {
      memory,
      on: {
        opened: () => {
          // Whoever goes on without the text has been judged by now; the next change is made to the version in force.
          if (memory.epoch === roster.epoch) return;
          memory.epoch = roster.epoch;
          memory.text = roster.base;
          memory.poked = null;
        },
        wrote: ({ epoch }) => {
          if (epoch === roster.epoch) memory.text = roster.target;
        },
        poked: ({ epoch, target }) => {
          if (epoch === roster.epoch && target === roster.target) memory.poked = target;
        },
        closed: ({ epoch, outcome }) => {
          if (epoch !== roster.epoch || memory.poked === null) return;
          if (outcome === "committed") memory.text = memory.poked;
          memory.poked = null;
        },
        running: ({ cpu, incarnation, version }, at) => {
          const brings = roster.way !== "stop" && roster.isOpen && version === roster.target;
          if (!brings) mustBeThere(cpu, incarnation, version, at);
        },
        resumed: ({ cpu, incarnation, version }, at) => mustBeThere(cpu, incarnation, version, at),
      },
    };
  },
};
