// Holding the tasks of a CPU outside the kernel, and letting them go.
//
// A sleeper that is woken by a fake signal finishes its call early; on release the call is made again, for what is left of its
// sleep, or has failed with EINTR.
import { type CpuLife, copyLife, holdTask, keep } from "./cpuLife.ts";
import type { Outlook, Pass, Straddle } from "./life.ts";
import { noteHeld } from "./requests/requests.ts";
import type { Rules } from "./rules.ts";
import { runUntil } from "./schedule.ts";
import { cutShort, enter, restart } from "./segments.ts";
import { blockerOf, patchedFrame, spinner, straddleOf } from "./stack.ts";
import { inKernel, type Task } from "./task.ts";

/** What happens to a task that is in user mode when everyone is to be held. */
export type UserMode = "park" | "gate";

/** Closes the gate and signals sleepers. */
export const hold = (life: CpuLife, rules: Rules, userMode: UserMode, pass: Pass): void => {
  life.gate = pass;
  for (const task of life.tasks) {
    if (task.thread >= 0) continue;
    if (task.mode === "asleep") {
      task.signalled = true;
      cutShort(life, task, rules);
    } else if (pass === "sleepers") continue;
    else if (task.mode === "user" && userMode === "park") holdTask(life, task);
    else if (task.mode === "kernel" || task.mode === "disk") task.signalled = true;
  }
};

/** True if this task still keeps the gather waiting. */
const awaited = (life: CpuLife, task: Task): boolean =>
  inKernel(task) && (life.gate === "all" || (life.gate === "sleepers" && task.signalled));

/** Index of the first task that still keeps the gather waiting, or -1. */
const firstAwaited = (life: CpuLife): number => {
  const { tasks } = life;
  for (let i = 0; i < tasks.length; i++) if (awaited(life, tasks[i] as Task)) return i;
  return -1;
};

/** Found out by running a copy on: a life depends on nothing but its own state. */
export const outlook = (life: CpuLife, rules: Rules): Outlook => {
  const { program } = rules;
  if (life.spinning) return { heldAt: Infinity, last: spinner(life, program) };
  if (life.gate === "open") throw new Error("nobody is being held");
  let last = firstAwaited(life);
  if (last < 0) return { heldAt: life.now, last: undefined };
  if (life.frozen) return { heldAt: Infinity, last: blockerOf(life, program, last) };
  const copy = copyLife(life);
  const ends = runUntil(copy, rules, Infinity, (later) => {
    const index = firstAwaited(later);
    if (index >= 0) last = index;
    return index < 0;
  });
  return { heldAt: ends ? copy.now : Infinity, last: blockerOf(life, program, last) };
};

/** The stopper takes the CPU: whoever runs or wants to is kept from it. */
export const freeze = (life: CpuLife): void => {
  if (life.frozen) return;
  keep(life, life.tasks.filter(({ thread, mode }) => thread < 0 && (mode === "user" || mode === "kernel")).length);
  life.frozen = true;
};

/** Opens the gate on `version`: held tasks go on, interrupted calls are made again. Names the calls that the change fell into. */
export const release = (life: CpuLife, rules: Rules, version: number): readonly Straddle[] => {
  const straddles = version === life.version ? [] : straddlesOf(life, rules);
  life.version = version;
  life.gate = "open";
  life.frozen = false;
  life.sliceEndsAt = life.now;
  keep(life, -life.kept);
  for (const task of life.tasks) {
    task.signalled = false;
    if (task.mode === "held") letGo(life, task, rules);
  }
  return straddles;
};

const letGo = (life: CpuLife, task: Task, rules: Rules): void => {
  if (life.requests !== null) noteHeld(life.requests, life.tasks.indexOf(task), life.now);
  if (task.restart) restart(life, task);
  else if (task.left > 0) task.mode = "user";
  else enter(life, task, rules);
};

/** A kernel thread's main function, entered before the change, counts where functions must be left and not where the kernel must. */
const straddlesOf = (life: CpuLife, rules: Rules): Straddle[] =>
  life.tasks
    .filter((task) => inKernel(task) || (rules.leave !== "kernel" && patchedFrame(task, rules) !== null))
    .map((task) => straddleOf(life, rules, task));
