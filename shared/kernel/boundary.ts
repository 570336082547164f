// Where a task switches by itself as it goes: at the kernel boundary, at a safe point, at the tick.
import type { CpuLife } from "./cpuLife.ts";
import { switchTask } from "./operation.ts";
import type { Rules } from "./rules.ts";
import { conflictOf } from "./stackReader.ts";
import type { Task } from "./task.ts";

const goOver = (life: CpuLife, rules: Rules, task: Task): void => {
  if (task.crossing?.pending === true) switchTask(life, rules, task, { at: life.now, forced: false });
};

/** On its way out of the kernel to user mode: whatever the model, there is nothing of it left inside. */
export const passExit = (life: CpuLife, rules: Rules, task: Task): void => goOver(life, rules, task);

/** On its way into the kernel, or past a kernel thread's safe point: only where models ask no more than to leave the kernel. */
export const passEntry = (life: CpuLife, rules: Rules, task: Task): void => {
  if (rules.leave === "kernel") goOver(life, rules, task);
};

/**
 * The task gets the CPU for a slice, its first or another: a task in user mode comes back there from an interrupt or from the
 * scheduler, and one in the kernel has had occasion to offer to reschedule.
 */
export const passTick = (life: CpuLife, rules: Rules, task: Task): void => {
  if (task.crossing?.pending !== true || rules.gradual === null) return;
  if (task.mode === "user" && rules.gradual.tick) goOver(life, rules, task);
  if (task.mode === "kernel" && rules.gradual.condResched && rules.leave === "patched-set") lookAt(life, rules, task);
};

/** Looks at the task's stack for what must not be there; it goes over, or the verdict is kept. */
export const lookAt = (life: CpuLife, rules: Rules, task: Task): void => {
  const { operation } = life;
  if (operation === null || task.crossing === null) throw new Error("no transition is under way");
  const verdict = conflictOf(life, rules, task, operation.batch);
  if (verdict === null) goOver(life, rules, task);
  else task.crossing.verdict = verdict;
};
