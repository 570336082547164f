// one-instant: the whole machine sees the change at one instant.
//
// Rests on who runs tasks between `running`, `resumed` or `withdrew` and `stopped` or the end of a life, and on what `switched` tells of
// them in between; a CPU that starts anew counts.
import type { Monitor } from "../monitor.ts";
import { Running } from "../running.ts";

export const oneInstant: Monitor = {
  name: "one-instant",
  about: "consistency",
  guarantee: "never do two tasks or two CPUs run different versions: all before see the old one, all after see the new one",
  appliesTo: (_, switches) => switches === "kernel",
  watch: (roster, breach) => {
    const running = new Running(roster, (at, cpu) => {
      if (running.versions <= 1) memory.mixed = false;
      else if (!memory.mixed) {
        memory.mixed = true;
        const version = running.versionOf(cpu);
        breach({ reason: `cpu ${cpu} runs version ${version} while others run version ${running.anotherThan(version)}`, at, cpu });
      }
    });
    const memory = { running, mixed: false };
    return { memory, on: running.on };
  },
};
