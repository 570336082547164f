// whole-call: a call runs one version to its end, and whatever a call resolves to is there.
//
// Rests on the calls that `resumed` names as under way across the change, with a function of the patch set on the stack; and on
// `wrote`: the text of a version is there from then on. Where no participant is left that could have written, there is no text to
// speak of either: whoever starts next starts from the image of the version in force.
import { initialVersion } from "../../protocol/setup.ts";
import { forEveryModel, type Monitor } from "../monitor.ts";

export const wholeCall: Monitor = {
  name: "whole-call",
  guarantee: "a call runs one version to its end, and no call resolves to a version that is not there",
  appliesTo: forEveryModel,
  watch: (roster, breach) => {
    let text = initialVersion;
    let epoch = 0;
    const mustBeThere = (cpu: number, incarnation: number, version: number, at: number): void => {
      if (version === text || !roster.lives(cpu, incarnation)) return;
      for (let other = 0; other < roster.cpus; other++) {
        if (roster.takesPart(other)) {
          breach({ reason: `cpu ${cpu} goes on with version ${version} where the text is of version ${text}`, at, cpu });
          return;
        }
      }
      text = version;
    };
    return {
      on: {
        opened: () => {
          // Whoever goes on without the text has been judged by now; the next change is made to the version in force.
          if (epoch !== roster.epoch) text = roster.base;
          epoch = roster.epoch;
        },
        wrote: ({ epoch }) => {
          if (epoch === roster.epoch) text = roster.target;
        },
        running: ({ cpu, incarnation, version }, at) => mustBeThere(cpu, incarnation, version, at),
        resumed: ({ cpu, incarnation, version, straddles }, at) => {
          mustBeThere(cpu, incarnation, version, at);
          for (const { task, patched } of straddles) {
            if (patched === null) continue;
            breach({ reason: `${task} on cpu ${cpu} was in ${patched} while version ${version} took its place`, at, cpu, task });
          }
        },
      },
    };
  },
};
