// Looking at a CPU from outside: what is on its tasks' kernel stacks, who is in the kernel, how many are where.
import type { CpuLife } from "./cpuLife.ts";
import type { Blocker, Census, Straddle } from "./life.ts";
import type { CallProgram, Program } from "./program.ts";
import type { PatchedCall, Rules } from "./rules.ts";
import { inKernel, type Task } from "./task.ts";

const noWay: readonly string[] = [];

/** The way through the kernel that a task is on, from the entry down to the deepest function; of a task outside there is none. */
export const wayOf = (task: Task, program: Program): readonly string[] => {
  if (task.mode === "user" || task.mode === "held") return noWay;
  return routeOf(task, program);
};

/** The way of the call, or of the thread's work, that the task is in or was last in. */
export const routeOf = (task: Task, program: Program): readonly string[] => {
  const routes =
    task.thread >= 0
      ? (program.threads[task.thread] as Program["threads"][number]).routes
      : (program.calls[task.call] as CallProgram).routes;
  return (routes[task.path] as (typeof routes)[number]).functions;
};

/** A kernel thread at its safe point is in its main function, called by whatever starts threads. */
const framesAtSafePoint = 2;

/** How much of a call's work is done, from 0 to 1; it turns back at half. */
const progressOf = (task: Task): number => 1 - (task.left + task.afterSleep) / Math.max(1, task.cpu);

/** How many functions of its way are on the task's stack: that depends on how far the call has come down and back. */
export const depthOf = (task: Task, way: readonly string[]): number => {
  if (task.mode === "safe") return Math.min(way.length, framesAtSafePoint);
  if (task.mode !== "kernel") return way.length;
  return Math.min(way.length, Math.max(1, Math.ceil(way.length * (1 - Math.abs(2 * progressOf(task) - 1)))));
};

/** How many functions of its way the call has called so far, returned or not: each once, on the way down. */
export const calledOf = (task: Task, way: readonly string[]): number => {
  if (task.mode !== "kernel") return depthOf(task, way);
  if (task.leaving) return way.length;
  return Math.min(way.length, Math.max(1, Math.ceil(way.length * 2 * progressOf(task))));
};

/** How long ago, in CPU time of the call, a function was called and left; below 0: that is yet to come. */
export const calledAgo = (task: Task, way: readonly string[], position: number): number =>
  Math.round(task.cpu * (progressOf(task) - position / (2 * way.length)));
export const leftAgo = (task: Task, way: readonly string[], position: number): number =>
  Math.round(task.cpu * (progressOf(task) - 1 + position / (2 * way.length)));

/** The kernel stack, outermost first. */
export const stackOf = (task: Task, program: Program): readonly string[] => {
  const way = wayOf(task, program);
  return way.slice(0, depthOf(task, way));
};

const nonePatched: readonly PatchedCall[] = [];

export const patchedOnWay = (way: readonly string[], rules: Rules): readonly PatchedCall[] => rules.patchedOn.get(way) ?? nonePatched;

/** The outermost function of the patch set, or of one batch of it, that is truly on the task's stack; forced ones apart. */
export const patchedFrame = (task: Task, rules: Rules, batch: number | null = null): string | null => {
  const way = wayOf(task, rules.program);
  if (way.length === 0) return null;
  const depth = depthOf(task, way);
  const found = patchedOnWay(way, rules).find((call) => call.position < depth && !call.forced && (batch === null || call.batch === batch));
  return found?.name ?? null;
};

export const nameOf = (program: Program, index: number): string => (program.tasks[index] as Program["tasks"][number]).name;

/** The task and what it is in the midst of. */
export const straddleOf = (life: CpuLife, rules: Rules, task: Task, batch: number | null = null): Straddle => ({
  task: nameOf(rules.program, life.tasks.indexOf(task)),
  patched: patchedFrame(task, rules, batch),
});

/** The innermost function that is not the scheduler's own, as /proc/PID/wchan names it; a task in user mode has none. */
export const waitingIn = (task: Task, program: Program): string => {
  const stack = stackOf(task, program);
  return stack.findLast((name) => !/^(io_)?schedule/.test(name)) ?? stack.at(-1) ?? "user mode";
};

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
  return { task: nameOf(program, index), function: waitingIn(task, program), why };
};

/** Whoever runs and waits for another CPU does so in the kernel, whatever it did before; where there are no tasks it is the idle task. */
export const spinner = (life: CpuLife, program: Program): Blocker => ({
  task: life.tasks.length === 0 ? "swapper" : nameOf(program, Math.max(0, life.running)),
  function: "smp_call_function_many_cond",
  why: "waiting for another CPU",
});

export const census = (life: CpuLife, rules: Rules): Census => {
  let kernelTasks = life.spinning ? 1 : 0;
  let unsafe = 0;
  let held = 0;
  let onStack = 0;
  for (const task of life.tasks) {
    if (patchedFrame(task, rules) !== null) onStack++;
    if (inKernel(task)) {
      if (task.thread >= 0) unsafe++;
      else kernelTasks++;
    } else if (task.mode === "held" || (task.mode === "safe" && life.gate === "all")) held++;
  }
  const { steps, entries, version, interrupted } = life;
  const heldNs = life.kept === 0 ? life.keptNs : life.keptNs + life.kept * life.now;
  return { inKernel: kernelTasks, unsafe, held, steps, entries, version, interrupted, onStack, heldNs };
};
