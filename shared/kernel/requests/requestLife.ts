// The life of CPUs that have a load to serve: the same as any other's, but that its user tasks are servers.
import type { CpuLife } from "../cpuLife.ts";
import { draw } from "../distribution.ts";
import { settle } from "../equilibrium.ts";
import type { Life } from "../life.ts";
import type { Program } from "../program.ts";
import { freshTask, type Task } from "../task.ts";
import type { ArrivalSource } from "./arrivals.ts";
import { countRequests, requestsFrom } from "./requests.ts";
import { noteStalls } from "./stalls.ts";

/** After a change of what keeps tasks from serving. */
const note = (life: CpuLife): void => {
  if (life.requests !== null) noteStalls(life.requests.stalls, life);
};

/** `life` under the load of `source`. Its tasks are there from the start, since what they have to serve depends on all that was before. */
export const underLoad = (life: Life<CpuLife>, program: Program, source: ArrivalSource): Life<CpuLife> => {
  if (program.waitCall < 0) throw new Error("no task of this workload ever waits for a request");
  return {
    ...life,
    boot: (random, at, version, cpu) => {
      const booted = life.boot(random, at, version, cpu);
      booted.tasks = serversOf(program, booted);
      booted.requests = requestsFrom(source, cpu, booted.tasks.filter(({ thread }) => thread < 0).length, at);
      return booted;
    },
    hold: (state, pass) => {
      life.hold(state, pass);
      note(state);
    },
    freeze: (state) => {
      life.freeze(state);
      note(state);
    },
    release: (state, version) => {
      const straddles = life.release(state, version);
      note(state);
      return straddles;
    },
    spin: (state, spinning) => {
      life.spin(state, spinning);
      note(state);
    },
    // What is drawn for the section comes after what tasks drew until then, however often somebody looked meanwhile.
    interruptsOnAt: (state, at) => {
      life.advance(state, Math.max(at, state.now));
      return life.interruptsOnAt(state, at);
    },
    census: (state) => {
      const census = life.census(state);
      return state.requests === null ? census : { ...census, requests: countRequests(state.requests, state.now) };
    },
  };
};

/** Servers are in user mode with nothing in hand, on their way to wait; kernel threads in the middle of their work. */
const serversOf = (program: Program, { random, now, version }: CpuLife): Task[] =>
  program.tasks.map(({ thread }) => {
    const task = freshTask(thread);
    if (thread >= 0) settle(task, program, random, now, version);
    else task.left = draw(program.userNs, random);
    return task;
  });
