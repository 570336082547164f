// Looking at a CPU from outside: what is on its tasks' kernel stacks, who is busy, how many are where.
import type { CpuLife } from "./cpuLife.ts";
import type { Blocker, Census } from "./life.ts";
import type { CallProgram, Program } from "./program.ts";
import { inKernel, type Task } from "./task.ts";

/** The kernel stack, outermost first: how deep depends on how far the call has come down its path and back. */
export const stackOf = (task: Task, program: Program): readonly string[] => {
  const routes =
    task.thread >= 0
      ? (program.threads[task.thread] as Program["threads"][number]).routes
      : (program.calls[task.call] as CallProgram).routes;
  const { functions } = routes[task.path] as (typeof routes)[number];
  if (task.mode !== "kernel") return functions;
  const done = 1 - (task.left + task.afterSleep) / Math.max(1, task.cpu);
  const depth = Math.ceil(functions.length * (1 - Math.abs(2 * done - 1)));
  return functions.slice(0, Math.min(functions.length, Math.max(1, depth)));
};

export const nameOf = (program: Program, index: number): string => (program.tasks[index] as Program["tasks"][number]).name;

/** The innermost function that is not the scheduler's own, as /proc/PID/wchan names it. */
const waitingIn = (stack: readonly string[]): string => (stack.findLast((name) => !/^(io_)?schedule/.test(name)) ?? stack.at(-1)) as string;

export const blockerOf = (life: CpuLife, program: Program, index: number): Blocker => {
  const task = life.tasks[index] as Task;
  const why =
    task.thread >= 0
      ? "not at a safe point"
      : task.mode === "disk"
        ? "uninterruptible sleep"
        : task.signalled
          ? "on its way out"
          : "in the kernel";
  return { task: nameOf(program, index), function: waitingIn(stackOf(task, program)), why };
};

/** Whoever runs and waits for another CPU does so in the kernel, whatever it did before. */
export const spinner = (life: CpuLife, program: Program): Blocker => ({
  task: nameOf(program, Math.max(0, life.running)),
  function: "smp_call_function_many_cond",
  why: "waiting for another CPU",
});

export const busyOf = (life: CpuLife, program: Program): readonly Blocker[] => {
  const blockers: Blocker[] = life.spinning ? [spinner(life, program)] : [];
  life.tasks.forEach((task, index) => {
    if (inKernel(task)) blockers.push(blockerOf(life, program, index));
  });
  return blockers;
};

export const census = (life: CpuLife): Census => {
  let kernelTasks = life.spinning ? 1 : 0;
  let unsafe = 0;
  let held = 0;
  for (const task of life.tasks) {
    if (inKernel(task)) {
      if (task.thread >= 0) unsafe++;
      else kernelTasks++;
    } else if (task.mode === "held" || (task.mode === "safe" && life.gate === "all")) held++;
  }
  const { steps, entries, version, interrupted } = life;
  return { inKernel: kernelTasks, unsafe, held, steps, entries, version, interrupted, onStack: 0, heldNs: 0 };
};
