// Holding the tasks of a CPU outside the kernel, and letting them go.
//
// A sleeper that is woken by a fake signal finishes its call early; on release the call is made again, for what is left of its
// sleep, or has failed with EINTR.
import { type CpuLife, copyLife } from "./cpuLife.ts";
import type { Outlook, Pass, Straddle } from "./life.ts";
import type { CallProgram, Program } from "./program.ts";
import { runUntil } from "./schedule.ts";
import { cutShort, enter, restart } from "./segments.ts";
import { blockerOf, nameOf, spinner, stackOf } from "./stack.ts";
import { inKernel, type Task } from "./task.ts";

/** What happens to a task that is in user mode when everyone is to be held. */
export type UserMode = "park" | "gate";

/** Closes the gate and signals sleepers. */
export const hold = (life: CpuLife, program: Program, userMode: UserMode, pass: Pass): void => {
  life.gate = pass;
  for (const task of life.tasks) {
    if (task.thread >= 0) continue;
    if (task.mode === "asleep") {
      task.signalled = true;
      cutShort(life, task, program.calls[task.call] as CallProgram);
    } else if (pass === "sleepers") continue;
    else if (task.mode === "user" && userMode === "park") task.mode = "held";
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
export const outlook = (life: CpuLife, program: Program, tickNs: number): Outlook => {
  if (life.spinning) return { heldAt: Infinity, last: spinner(life, program) };
  if (life.gate === "open") throw new Error("nobody is being held");
  let last = firstAwaited(life);
  if (last < 0) return { heldAt: life.now, last: undefined };
  if (life.frozen) return { heldAt: Infinity, last: blockerOf(life, program, last) };
  const copy = copyLife(life);
  const ends = runUntil(copy, program, tickNs, Infinity, (later) => {
    const index = firstAwaited(later);
    if (index >= 0) last = index;
    return index < 0;
  });
  return { heldAt: ends ? copy.now : Infinity, last: blockerOf(life, program, last) };
};

/** Opens the gate on `version`: held tasks go on, interrupted calls are made again. Names the calls that the change fell into. */
export const release = (life: CpuLife, program: Program, patchSet: ReadonlySet<string>, version: number): readonly Straddle[] => {
  const straddles = version === life.version ? [] : straddlesOf(life, program, patchSet);
  life.version = version;
  life.gate = "open";
  life.frozen = false;
  life.sliceEndsAt = life.now;
  for (const task of life.tasks) {
    task.signalled = false;
    if (task.mode === "held") letGo(life, task, program);
  }
  return straddles;
};

const letGo = (life: CpuLife, task: Task, program: Program): void => {
  if (task.restart) restart(life, task);
  else if (task.left > 0) task.mode = "user";
  else enter(life, task, program);
};

const straddlesOf = (life: CpuLife, program: Program, patchSet: ReadonlySet<string>): Straddle[] => {
  const straddles: Straddle[] = [];
  life.tasks.forEach((task, index) => {
    if (!inKernel(task)) return;
    const patched = stackOf(task, program).find((name) => patchSet.has(name)) ?? null;
    straddles.push({ task: nameOf(program, index), patched });
  });
  return straddles;
};
