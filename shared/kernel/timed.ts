// The life of a CPU in time, assembled: tasks share the CPU, make system calls, sleep, and are held at the boundary when asked.
import { type Random, uniform } from "../machine/random.ts";
import type { CpuLife } from "./cpuLife.ts";
import { drawMet, mean } from "./distribution.ts";
import { settle } from "./equilibrium.ts";
import { heldAt, hold, lastOut, release, type UserMode } from "./hold.ts";
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
  const { program } = options;
  return {
    boot: (random, at, version) => boot(program, random, at, version),
    advance: (life, to) => advance(life, program, options.tickNs, to),
    hold: (life, pass) => hold(life, program, options.userMode, pass),
    heldAt: (life) => heldAt(life, program, options.tickNs),
    freeze: (life) => {
      life.frozen = true;
    },
    release: (life, version) => release(life, program, options.patchSet, version),
    spin: (life, spinning) => {
      life.spinning = spinning;
    },
    interruptsOnAt: (life, at) => interruptsOnAt(life, program, at),
    busy: (life) => busyOf(life, program),
    lastOut: (life) => lastOut(life, program, options.tickNs),
    census,
  };
};

const boot = (program: Program, random: Random, at: number, version: number): CpuLife => {
  const tasks: Task[] = [];
  for (let i = 0; i < program.tasksPerCpu; i++) tasks.push(freshTask(-1, version));
  for (let kind = 0; kind < program.threads.length; kind++) {
    const perCpu = (program.threads[kind] as Program["threads"][number]).perCpu;
    for (let i = 0; i < perCpu; i++) tasks.push(freshTask(kind, version));
  }
  for (const task of tasks) settle(task, program, random, at, version);
  return {
    now: at,
    random,
    tasks,
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
  };
};

/** A section with interrupts off is met with the chance of its share of time; asked again within it, the answer is the same. */
const interruptsOnAt = (life: CpuLife, program: Program, at: number): number => {
  const { perSecond, ns } = program.irqsOff;
  if (life.frozen || perSecond === 0) return at;
  if (at > life.irqsAskedAt && at >= life.irqsOnAt) {
    life.irqsAskedAt = at;
    const share = (perSecond * mean(ns)) / 1e9;
    if (uniform(life.random) < share) life.irqsOnAt = at + Math.max(1, Math.round(drawMet(ns, life.random) * uniform(life.random)));
  }
  return Math.max(at, life.irqsOnAt);
};
