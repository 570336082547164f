// undo: a patch lies on a version, and taking it off brings that version back.
//
// Rests on the stack of versions that `opened` and the first committed `decided` of each epoch build, and on what CPUs resume.
import { initialVersion } from "../../protocol/setup.ts";
import { forEveryModel, type Monitor } from "../monitor.ts";

export const undo: Monitor = {
  name: "undo",
  about: "consistency",
  guarantee: "unpatching restores exactly the version that was below",
  appliesTo: forEveryModel,
  watch: (roster, breach) => {
    const memory = { stack: [initialVersion], epoch: 0, committed: false };
    return {
      memory,
      on: {
        opened: ({ operation, target }, at) => {
          const { epoch } = roster;
          if (memory.epoch === epoch) return;
          memory.epoch = epoch;
          memory.committed = false;
          const below = memory.stack.at(-2);
          if (operation === "unpatch" && target !== below) {
            breach({ reason: `epoch ${epoch} is to unpatch to version ${target}, but ${below ?? "nothing"} lies below`, at });
          } else if (operation === "patch" && memory.stack.includes(target)) {
            breach({ reason: `epoch ${epoch} is to patch to version ${target}, which is there already`, at });
          }
        },
        decided: ({ epoch: of, outcome }) => {
          if (of !== memory.epoch || memory.committed || outcome !== "committed") return;
          memory.committed = true;
          if (roster.operation === "patch") memory.stack.push(roster.target);
          else memory.stack.pop();
        },
        resumed: ({ cpu, incarnation, epoch: of, outcome, version }, at) => {
          if (of !== memory.epoch || outcome !== "committed" || roster.operation !== "unpatch" || !roster.lives(cpu, incarnation)) return;
          if (version !== memory.stack.at(-1))
            breach({ reason: `cpu ${cpu} came to version ${version} by unpatching, not to ${memory.stack.at(-1)}`, at, cpu });
        },
      },
    };
  },
};
