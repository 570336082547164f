// The life of a CPU in time, assembled: tasks share the CPU, make system calls, sleep, and are held at the boundary when asked.
import { type Random, uniform } from "../machine/random.ts";
import type { CpuLife } from "./cpuLife.ts";
import { drawRest } from "./distribution.ts";
import { settle } from "./equilibrium.ts";
import { hold, outlook, release, type UserMode } from "./hold.ts";
import type { Life } from "./life.ts";
import type { Program } from "./program.ts";
import { advance } from "./schedule.ts";
import { busyOf, census } from "./stack.ts";
import { freshTask, type Task } from "./task.ts";

export interface TimedOptions {
  readonly program: Program;
  readonly userMode: UserMode;
  readonly tickNs: number;
  /** The patch set: whose frames a straddling call names. */
  readonly patchSet: ReadonlySet<string>;
}

/** The life of CPUs whose tasks follow `program`. */
export const timedLife = (options: TimedOptions): Life<CpuLife> => {
  const { program, tickNs } = options;
  // Tasks are drawn when somebody first looks: of a CPU that nobody asks anything there need be none.
  const met = (life: CpuLife): CpuLife => {
    if (life.tasks.length === 0) life.tasks = tasksOf(program, life);
    return life;
  };
  return {
    boot,
    advance: (life, to) => {
      if (life.tasks.length > 0 || to < life.now) advance(life, program, tickNs, to);
      else life.now = to;
      met(life);
    },
    hold: (life, pass) => hold(met(life), program, options.userMode, pass),
    outlook: (life) => outlook(met(life), program, tickNs),
    freeze: (life) => {
      met(life).frozen = true;
    },
    release: (life, version) => release(met(life), program, options.patchSet, version),
    spin: (life, spinning) => {
      met(life).spinning = spinning;
    },
    interruptsOnAt: (life, at) => interruptsOnAt(life, program, at),
    busy: (life) => busyOf(met(life), program),
    aim: () => notYet(),
    pending: () => notYet(),
    redirect: () => notYet(),
    switches: () => notYet(),
    settle: () => notYet(),
    census: (life) => census(met(life)),
  };
};

const notYet = (): never => {
  throw new Error("tasks cannot switch one by one yet");
};

const boot = (random: Random, at: number, version: number): CpuLife => ({
  now: at,
  random,
  tasks: [],
  running: -1,
  sliceEndsAt: at,
  gate: "open",
  frozen: false,
  spinning: false,
  version,
  steps: 0,
  entries: 0,
  interrupted: 0,
  irqsAskedAt: -1,
  irqsOnAt: -1,
});

const tasksOf = (program: Program, life: CpuLife): Task[] =>
  program.tasks.map(({ thread }) => {
    const task = freshTask(thread);
    settle(task, program, life.random, life.now, life.version);
    return task;
  });

/** A section with interrupts off is met with the chance of its share of time; asked again within it, the answer is the same. */
const interruptsOnAt = (life: CpuLife, program: Program, at: number): number => {
  if (life.frozen || program.irqsOffShare === 0) return at;
  if (at > life.irqsAskedAt && at >= life.irqsOnAt) {
    life.irqsAskedAt = at;
    if (uniform(life.random) < program.irqsOffShare) life.irqsOnAt = at + drawRest(program.irqsOffNs, life.random);
  }
  return Math.max(at, life.irqsOnAt);
};
