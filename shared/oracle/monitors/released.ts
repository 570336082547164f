// released: when all is over, no CPU is left behind.
//
// Rests on what each living CPU announced last of a stop: from the gather on its tasks are held, from `resumed` or `withdrew` on they go.
// In a transition nobody is held: there `blocked` tells of tasks that have not switched. A run that was cut off has no end to speak of; that it should have ended is what `converges` is about.
import { forEveryModel, type Monitor } from "../monitor.ts";

const states = ["free", "held at the gather", "stopped", "stopped with interrupts off"] as const;

export const released: Monitor = {
  name: "released",
  about: "protocol",
  guarantee: "after the end no task is held, no CPU is stopped and no interrupts are off",
  appliesTo: forEveryModel,
  watch: (roster, breach) => {
    const memory = { state: new Uint8Array(roster.cpus), life: new Int32Array(roster.cpus) };
    const { state, life } = memory;
    const enter = (to: number) => (fact: { readonly cpu: number; readonly incarnation: number }) => {
      if (!roster.isNewest(fact.cpu, fact.incarnation)) return;
      state[fact.cpu] = to;
      life[fact.cpu] = fact.incarnation;
    };
    return {
      memory,
      on: {
        booted: enter(0),
        running: enter(0),
        blocked: (fact) => {
          if (roster.way === "stop") enter(1)(fact);
        },
        held: enter(1),
        stopped: enter(2),
        voted: enter(3),
        resumed: enter(0),
        withdrew: enter(0),
      },
      end: ({ ended, at }) => {
        if (ended !== "finished") return;
        for (let cpu = 0; cpu < roster.cpus; cpu++) {
          if (state[cpu] === 0 || !roster.lives(cpu, life[cpu] as number)) continue;
          breach({ reason: `cpu ${cpu} is still ${states[state[cpu] as number]} at the end`, at, cpu });
        }
      },
    };
  },
};
