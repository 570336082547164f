// What a round of a transition does to the tasks of one CPU: who can switch now does, sleepers may be signalled, the rest are named.
import { lookAt } from "./boundary.ts";
import type { CpuLife } from "./cpuLife.ts";
import { passInterrupts, turnFlag } from "./interrupts.ts";
import type { Aim, Blocker } from "./life.ts";
import { begin, type Crossing, idleIsPending, type Operation, passIdle, switchIdle, switchTask } from "./operation.ts";
import type { Rules } from "./rules.ts";
import { settleWhoRuns } from "./schedule.ts";
import { cutShort } from "./segments.ts";
import { blockerOf, nameOf, waitingIn } from "./stack.ts";
import { inKernel, type Task } from "./task.ts";

/** Every task that is not on the target is to switch. */
export const aim = (life: CpuLife, rules: Rules, round: Aim): void => {
  if (rules.switches === "kernel") throw new Error("where the whole kernel switches at once, no task is aimed anywhere");
  settleWhoRuns(life, rules);
  passIdle(life, rules);
  const operation = begin(life, rules, round);
  passInterrupts(life, rules, life.now);
  turnFlag(life, rules, round.target);
  const isAnew = operation.target !== round.target || operation.batch !== round.batch;
  operation.target = round.target;
  operation.batch = round.batch;
  life.tasks.forEach((task, index) => {
    const crossing = task.crossing as Crossing;
    const version = crossing.byBatch === null ? crossing.version : crossing.byBatch[round.batch ?? 0];
    crossing.pending = version !== round.target;
    if (isAnew) crossing.verdict = null;
    if (!crossing.pending) return;
    bringOver(life, rules, task, index === life.running, round);
    if (crossing.pending && round.signals) signal(life, rules, task);
  });
  if (idleIsPending(rules, operation)) bringIdleOver(life, rules, operation, round);
};

/** `isRunning`: the task is on the CPU, unless the transition's own code is. */
const bringOver = (life: CpuLife, rules: Rules, task: Task, isRunning: boolean, { forces, looks, caller }: Aim): void => {
  if (forces || rules.leave === "function") {
    switchTask(life, rules, task, { at: life.now, forced: forces });
    return;
  }
  if (rules.leave === "kernel") {
    if (task.mode === "safe" && rules.gradual?.wakes === true) switchTask(life, rules, task, { at: life.now, forced: false });
    return;
  }
  if (!looks) return;
  const isOff = !isRunning || caller;
  if (isOff || (task.mode === "kernel" && rules.gradual?.condResched === true)) lookAt(life, rules, task);
  else (task.crossing as Crossing).verdict = { function: waitingIn(task, rules.program), why: "running" };
};

/** A fake signal: an interruptible sleep ends, or will not begin; a kernel thread wakes at its safe point. */
const signal = (life: CpuLife, rules: Rules, task: Task): void => {
  if (task.mode === "safe") task.wakeAt = life.now;
  if (task.thread >= 0) return;
  if (inKernel(task)) task.signalled = true;
  if (task.mode === "asleep") cutShort(life, task, rules);
};

/** The idle task runs where nobody else does; it is made to pass its loop, but that is seen only at the next look. */
const bringIdleOver = (life: CpuLife, rules: Rules, operation: Operation, { forces, caller }: Aim): void => {
  const isRunning = life.running < 0 && !life.spinning && !caller;
  if (forces || rules.leave === "function" || !isRunning) switchIdle(operation, { at: life.now, forced: forces });
  else if (operation.idle.kickedAt < 0) operation.idle.kickedAt = life.now;
};

const idleTask: Blocker = { task: "swapper", function: "cpu_startup_entry", why: "running" };

/** Who has not switched, and why not as far as the last look told. */
export const pendingOf = (life: CpuLife, rules: Rules): readonly Blocker[] => {
  const { operation } = life;
  if (operation === null) return [];
  passIdle(life, rules);
  const pending = life.tasks.flatMap((task, index) => (task.crossing?.pending === true ? [pendingTask(life, rules, task, index)] : []));
  return idleIsPending(rules, operation) ? [...pending, { ...idleTask }] : pending;
};

const pendingTask = (life: CpuLife, rules: Rules, task: Task, index: number): Blocker => {
  const name = nameOf(rules.program, index);
  const verdict = task.crossing?.verdict ?? null;
  if (verdict !== null) return { task: name, ...verdict };
  if (task.mode === "user") return { task: name, function: waitingIn(task, rules.program), why: "running" };
  if (task.mode === "safe") return { task: name, function: waitingIn(task, rules.program), why: "in the kernel" };
  return blockerOf(life, rules.program, index);
};
