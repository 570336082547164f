// The life of a CPU in time, assembled: tasks share the CPU, make system calls, sleep, and are held at the boundary when asked.
import { type Random, uniform } from "../machine/random.ts";
import type { CpuLife } from "./cpuLife.ts";
import { drawRest } from "./distribution.ts";
import { settle } from "./equilibrium.ts";
import { freeze, hold, outlook, release, type UserMode } from "./hold.ts";
import { passInterrupts } from "./interrupts.ts";
import type { Life } from "./life.ts";
import { endOperation, redirect, switches } from "./operation.ts";
import type { Program } from "./program.ts";
import { type RuleOptions, rulesOf } from "./rules.ts";
import { advance } from "./schedule.ts";
import { census } from "./stack.ts";
import { busyOf } from "./stackReader.ts";
import { freshTask, type Task } from "./task.ts";
import { aim, pendingOf } from "./transition.ts";

export interface TimedOptions extends RuleOptions {
  readonly userMode: UserMode;
}

/** The life of CPUs whose tasks follow `program`. */
export const timedLife = (options: TimedOptions): Life<CpuLife> => {
  const rules = rulesOf(options);
  const { program, userMode } = options;
  // Tasks are drawn when somebody first looks: of a CPU that nobody asks anything there need be none.
  const met = (life: CpuLife): CpuLife => {
    if (life.tasks.length < program.tasks.length) life.tasks = tasksOf(program, life);
    return life;
  };
  return {
    boot,
    advance: (life, to) => {
      // Where there are no tasks nothing moves, and it is all the same how late it is.
      if (program.tasks.length > 0 && (life.tasks.length > 0 || to < life.now)) advance(life, rules, to);
      else life.now = to;
      met(life);
    },
    hold: (life, pass) => hold(met(life), rules, userMode, pass),
    outlook: (life) => outlook(met(life), rules),
    freeze: (life) => freeze(met(life)),
    release: (life, version) => release(met(life), rules, version),
    spin: (life, spinning) => {
      met(life).spinning = spinning;
    },
    interruptsOnAt: (life, at) => interruptsOnAt(life, program, at),
    busy: (life) => busyOf(met(life), rules),
    aim: (life, round) => aim(met(life), rules, round),
    pending: (life) => pendingOf(met(life), rules),
    redirect: (life, batch, course) => {
      passInterrupts(met(life), rules, life.now);
      redirect(life, rules, batch, course);
    },
    switches: (life) => {
      passInterrupts(met(life), rules, life.now);
      return switches(life, rules);
    },
    settle: (life, version) => endOperation(life, version),
    census: (life) => census(met(life), rules),
  };
};

/** One for all CPUs, as a large machine has a million of them. */
const noTasks: readonly Task[] = [];

const boot = (random: Random, at: number, version: number): CpuLife => ({
  bornAt: at,
  now: at,
  random,
  tasks: noTasks,
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
  kept: 0,
  keptNs: 0,
  operation: null,
  requests: null,
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
