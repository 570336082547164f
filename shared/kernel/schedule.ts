// A CPU's time: who runs until when, who wakes, and leaps over gaps so long that nothing remembers their start.
//
// Scheduling: a task in the kernel goes before one in user mode; equals take turns at the tick.
import type { CpuLife } from "./cpuLife.ts";
import { draw } from "./distribution.ts";
import { settle } from "./equilibrium.ts";
import { choose, type Program } from "./program.ts";
import { finish, resume } from "./segments.ts";
import type { Task } from "./task.ts";

/** Runs the CPU forward to `to`. */
export const advance = (life: CpuLife, program: Program, tickNs: number, to: number): void => {
  if (to < life.now) throw new Error(`a CPU's life cannot go back from ${life.now} to ${to} ns`);
  if (life.frozen || life.spinning) life.now = to;
  else if (life.gate === "open" && to - life.now > program.forgottenAfterNs) leap(life, program, to);
  else runUntil(life, program, tickNs, to, () => false);
};

/** Over a gap that is longer than any memory, only sleepers that sleep on are the same; all others are met in mid-work again. */
const leap = (life: CpuLife, program: Program, to: number): void => {
  const cycles = Math.floor((to - life.now) / program.cycleNs);
  life.now = to;
  life.running = -1;
  for (const task of life.tasks) {
    if ((task.mode === "asleep" || task.mode === "disk" || task.mode === "safe") && task.wakeAt > to) continue;
    settle(task, program, life.random, to, life.version);
    life.steps += 2 * cycles + 1;
    if (task.thread < 0) life.entries += cycles;
  }
};

/** Runs event by event until `to` or until `enough`; returns false if nothing will ever happen again. */
export const runUntil = (life: CpuLife, program: Program, tickNs: number, to: number, enough: (life: CpuLife) => boolean): boolean => {
  while (!enough(life)) {
    const wake = wakeDue(life, program);
    pick(life, tickNs);
    if (life.running < 0) {
      if (wake > to) {
        life.now = to;
        return wake < Infinity;
      }
      life.now = wake;
      continue;
    }
    const task = life.tasks[life.running] as Task;
    const end = Math.min(life.now + task.left, to, wake, Math.max(life.sliceEndsAt, life.now + 1));
    task.left -= end - life.now;
    life.now = end;
    if (task.left === 0) finish(life, task, program);
    else if (end === to) return true;
  }
  return true;
};

/** Sleepers whose time has come want the CPU. Returns when the next one's will come; at a closed gate kernel threads rest on. */
const wakeDue = (life: CpuLife, program: Program): number => {
  let next = Infinity;
  for (const task of life.tasks) {
    const { mode, wakeAt } = task;
    if (mode !== "asleep" && mode !== "disk" && (mode !== "safe" || life.gate === "all")) continue;
    if (wakeAt > life.now) {
      if (wakeAt < next) next = wakeAt;
    } else if (mode === "safe") startWork(life, task, program);
    else resume(life, task);
  }
  return next;
};

const startWork = (life: CpuLife, task: Task, program: Program): void => {
  const thread = program.threads[task.thread] as Program["threads"][number];
  task.mode = "kernel";
  task.path = choose(thread.routes, life.random);
  task.cpu = draw(thread.workNs, life.random);
  task.left = task.cpu;
  task.leaving = false;
  task.entered = life.version;
  life.steps++;
};

/** Chooses who runs: kernel before user, in turns at the tick. */
const pick = (life: CpuLife, tickNs: number): void => {
  const { tasks } = life;
  const current = tasks[life.running];
  const turnOver = life.now >= life.sliceEndsAt;
  if (current !== undefined && current.mode === "kernel" && !turnOver) return;
  let user = -1;
  for (let i = 1; i <= tasks.length; i++) {
    const index = (life.running + i + tasks.length) % tasks.length;
    const mode = (tasks[index] as Task).mode;
    if (mode === "kernel") {
      life.running = index;
      life.sliceEndsAt = life.now + tickNs;
      return;
    }
    if (mode === "user" && user < 0) user = index;
  }
  if (current !== undefined && current.mode === "user" && !turnOver) return;
  life.running = user;
  // An idle CPU is left as it is, however often somebody looks.
  if (user >= 0) life.sliceEndsAt = life.now + tickNs;
};
