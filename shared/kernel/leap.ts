// Leaps over gaps so long that nothing remembers their start.
import { passEntry, passExit } from "./boundary.ts";
import type { CpuLife } from "./cpuLife.ts";
import { settle } from "./equilibrium.ts";
import { leaveCall, meet, ranInGap } from "./operation.ts";
import type { Rules } from "./rules.ts";
import { resume } from "./segments.ts";
import type { Task } from "./task.ts";

/** Over a gap that is longer than any memory, only sleepers that sleep on are the same; all others are met in mid-work again. */
export const leap = (life: CpuLife, rules: Rules, to: number): void => {
  const from = life.now;
  const cycles = Math.floor((to - from) / rules.program.cycleNs);
  life.now = to;
  life.running = -1;
  for (const task of life.tasks) {
    if ((task.mode === "asleep" || task.mode === "disk" || task.mode === "safe") && task.wakeAt > to) continue;
    if (life.operation !== null && crossOnWaking(life, rules, task)) continue;
    settle(task, rules.program, life.random, to, task.crossing?.version ?? life.version);
    meet(life, rules, task);
    ranInGap(life, rules, task, from);
    life.steps += 2 * cycles + 1;
    if (task.thread < 0) life.entries += cycles;
  }
};

/**
 * A sleeper that wakes in the gap goes on alone, as if the CPU were free: it leaves the kernel when it has done what is left of its
 * call, and switches there. True if that is not before the end of the gap, so that it is now on its way out.
 */
const crossOnWaking = (life: CpuLife, rules: Rules, task: Task): boolean => {
  if (task.mode === "safe") passEntry(life, rules, task, task.wakeAt);
  if (task.mode !== "asleep" && task.mode !== "disk") return false;
  const outAt = task.wakeAt + Math.max(1, task.afterSleep);
  if (outAt > life.now) {
    resume(life, task);
    task.left = outAt - life.now;
    return true;
  }
  leaveCall(life, rules, task, outAt);
  task.mode = "user";
  passExit(life, rules, task, outAt);
  return false;
};
