// Leaps over gaps so long that nothing remembers their start.
import { passEntry, passExit } from "./boundary.ts";
import type { CpuLife } from "./cpuLife.ts";
import { settle } from "./equilibrium.ts";
import { leapInterrupts } from "./interrupts.ts";
import { isOnItsWay, leaveCall, meet, ranInGap } from "./operation.ts";
import type { Rules } from "./rules.ts";
import { resume, sleepInCall } from "./segments.ts";
import { isAwake, isResting, type Task } from "./task.ts";

/** Over a gap that is longer than any memory, only sleepers that sleep on are the same; all others are met in mid-work again. */
export const leap = (life: CpuLife, rules: Rules, to: number): void => {
  const from = life.now;
  const cycles = Math.floor((to - from) / rules.program.cycleNs);
  const share = { from, to, among: Math.max(1, life.tasks.filter(isAwake).length) };
  life.running = -1;
  for (const task of life.tasks) {
    if (isResting(task) && task.wakeAt > to) continue;
    const goesOn = life.operation !== null && crossInGap(life, rules, task, share);
    life.now = to;
    if (goesOn) continue;
    settle(task, rules.program, life.random, to, task.crossing?.version ?? life.version);
    meet(life, rules, task);
    ranInGap(life, rules, task, from);
    life.steps += 2 * cycles + 1;
    if (task.thread < 0) life.entries += cycles;
  }
  life.now = to;
  leapInterrupts(life, rules, from);
};

/** A stretch of time in which so many tasks have the CPU in equal shares. */
interface Share {
  readonly from: number;
  readonly to: number;
  readonly among: number;
}

/**
 * During an operation a task is followed through the gap as far as to where it switches, and `life.now` with it: one that was awake on
 * an equal share of the CPU, one that wakes as if the CPU were free. True if the gap ends first, so that it goes on from there.
 */
const crossInGap = (life: CpuLife, rules: Rules, task: Task, share: Share): boolean => {
  life.now = share.from;
  if (task.mode === "safe") {
    life.now = task.wakeAt;
    passEntry(life, rules, task);
    return false;
  }
  if (isAwake(task)) {
    if (!isOnItsWay(task)) return false;
    if (task.mode === "user" && rules.gradual?.tick === true) task.left = Math.min(task.left, rules.tickNs);
    if (runsOutOf(life, task, share)) return true;
    if (task.mode === "kernel" && task.sleepNs > 0 && !task.leaving) sleepInCall(life, task, rules);
  }
  if (isResting(task)) {
    if (task.wakeAt > share.to) return true;
    life.now = Math.max(life.now, task.wakeAt);
    resume(life, task);
  }
  if (task.left > 0 && runsOutOf(life, task, { from: life.now, to: share.to, among: 1 })) return true;
  comeOut(life, rules, task);
  return false;
};

/** Runs the task for its stretch of work, to its end or to that of the time: then it is true. */
const runsOutOf = (life: CpuLife, task: Task, { from, to, among }: Share): boolean => {
  const doneAt = from + task.left * among;
  life.now = Math.min(doneAt, to);
  task.left = Math.max(0, Math.ceil((doneAt - to) / among));
  return task.left > 0;
};

const comeOut = (life: CpuLife, rules: Rules, task: Task): void => {
  leaveCall(life, rules, task);
  if (task.thread < 0) {
    task.mode = "user";
    passExit(life, rules, task);
  } else {
    task.mode = "safe";
    passEntry(life, rules, task);
  }
};
