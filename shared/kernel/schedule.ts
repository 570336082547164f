// A CPU's time: who runs until when, and who wakes.
//
// Scheduling: a task in the kernel goes before one in user mode; equals take turns at the tick.
import { passEntry, passTick } from "./boundary.ts";
import type { CpuLife } from "./cpuLife.ts";
import { draw } from "./distribution.ts";
import { passInterrupts } from "./interrupts.ts";
import { leap } from "./leap.ts";
import { isOnItsWay } from "./operation.ts";
import { choose, type Program } from "./program.ts";
import type { Rules } from "./rules.ts";
import { finish, wake } from "./segments.ts";
import { isResting, type Task } from "./task.ts";

/** How many steps of tasks an operation is followed exactly before a gap is leapt over all the same: a task may get no CPU for long. */
const exactSteps = 4_096;

/** Runs the CPU forward to `to`. An operation is run event by event until those who are awake have switched, or for long enough. */
export const advance = (life: CpuLife, rules: Rules, to: number): void => {
  if (to < life.now) throw new Error(`a CPU's life cannot go back from ${life.now} to ${to} ns`);
  if (life.frozen || life.spinning) {
    life.now = to;
    return;
  }
  const mayLeap = (from: number): boolean => life.requests === null && life.gate === "open" && to - from > rules.program.forgottenAfterNs;
  const exactUntil = life.steps + exactSteps;
  if (life.operation !== null && mayLeap(life.now)) {
    runUntil(life, rules, to, (later) => later.steps > exactUntil || !later.tasks.some(isOnItsWay));
  }
  if (mayLeap(life.now)) leap(life, rules, to);
  else runUntil(life, rules, to, () => false);
};

/** Gives the CPU to whom it is due now: nobody has looked for that since time was leapt over. */
export const settleWhoRuns = (life: CpuLife, rules: Rules): void => {
  if (!life.frozen && !life.spinning) runUntil(life, rules, life.now, () => false);
};

/** Runs event by event until `to` or until `enough`; returns false if nothing will ever happen again. */
export const runUntil = (life: CpuLife, rules: Rules, to: number, enough: (life: CpuLife) => boolean): boolean => {
  while (!enough(life)) {
    const wake = wakeDue(life, rules);
    pick(life, rules);
    if (life.running < 0) {
      if (life.operation !== null) passInterrupts(life, rules, Math.min(wake, to));
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
    if (life.operation !== null) passInterrupts(life, rules, end);
    life.now = end;
    if (task.left === 0) finish(life, task, rules);
    else if (end === to) return true;
  }
  return true;
};

/** Sleepers whose time has come want the CPU. Returns when the next one's will come; at a closed gate kernel threads rest on. */
const wakeDue = (life: CpuLife, rules: Rules): number => {
  let next = Infinity;
  for (const task of life.tasks) {
    const { mode, wakeAt } = task;
    if (!isResting(task) || (mode === "safe" && life.gate === "all")) continue;
    if (wakeAt > life.now) {
      if (wakeAt < next) next = wakeAt;
    } else if (mode === "safe") startWork(life, task, rules);
    else wake(life, task, rules);
  }
  return next;
};

const startWork = (life: CpuLife, task: Task, rules: Rules): void => {
  const thread = rules.program.threads[task.thread] as Program["threads"][number];
  passEntry(life, rules, task);
  task.mode = "kernel";
  task.path = choose(thread.routes, life.random);
  task.cpu = draw(thread.workNs, life.random);
  task.left = task.cpu;
  task.leaving = false;
  task.entered = task.crossing?.version ?? life.version;
  life.steps++;
};

/** Chooses who runs: kernel before user, in turns at the tick. */
const pick = (life: CpuLife, rules: Rules): void => {
  const { tasks } = life;
  const current = tasks[life.running];
  const turnOver = life.now >= life.sliceEndsAt;
  if (current !== undefined && current.mode === "kernel" && !turnOver) return;
  let user = -1;
  for (let i = 1; i <= tasks.length; i++) {
    const index = (life.running + i + tasks.length) % tasks.length;
    const mode = (tasks[index] as Task).mode;
    if (mode === "kernel") {
      giveSlice(life, rules, index);
      return;
    }
    if (mode === "user" && user < 0) user = index;
  }
  if (current !== undefined && current.mode === "user" && !turnOver) return;
  // An idle CPU is left as it is, however often somebody looks.
  if (user < 0) life.running = -1;
  else giveSlice(life, rules, user);
};

const giveSlice = (life: CpuLife, rules: Rules, index: number): void => {
  life.running = index;
  life.sliceEndsAt = life.now + rules.tickNs;
  passTick(life, rules, life.tasks[index] as Task);
};
