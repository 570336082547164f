// What a task does when a stretch of its work ends: enter the kernel, sleep in a call, come back to the boundary, rest.
import { uniform } from "../machine/random.ts";
import type { CpuLife } from "./cpuLife.ts";
import { draw } from "./distribution.ts";
import { type CallProgram, choose, type Program } from "./program.ts";
import type { Task } from "./task.ts";

/** The running task's stretch is over. */
export const finish = (life: CpuLife, task: Task, program: Program): void => {
  life.steps++;
  if (task.thread >= 0) {
    task.mode = "safe";
    task.wakeAt = life.now + draw((program.threads[task.thread] as Program["threads"][number]).idleNs, life.random);
  } else if (task.mode === "user") {
    if (life.gate === "all") task.mode = "held";
    else enter(life, task, program);
  } else if (task.sleepNs > 0 && !task.leaving) sleepInCall(life, task, program);
  else if (task.signalled || life.gate === "all") {
    if (!task.restart) toUser(life, task, program);
    task.mode = "held";
  } else if (task.restart) restart(life, task);
  else toUser(life, task, program);
};

const toUser = (life: CpuLife, task: Task, program: Program): void => {
  task.mode = "user";
  task.call = -1;
  task.left = draw(program.userNs, life.random);
};

/** The next call begins. */
export const enter = (life: CpuLife, task: Task, program: Program): void => {
  task.mode = "kernel";
  task.call = choose(program.calls, life.random);
  const call = program.calls[task.call] as CallProgram;
  task.path = choose(call.routes, life.random);
  task.cpu = draw(call.cpuNs, life.random);
  task.entered = life.version;
  task.leaving = false;
  task.restart = false;
  life.entries++;
  if (call.sleep !== undefined && uniform(life.random) < call.sleep.probability) planSleep(task, draw(call.sleep.ns, life.random));
  else {
    task.left = task.cpu;
    task.sleepNs = 0;
    task.afterSleep = 0;
  }
};

const planSleep = (task: Task, ns: number): void => {
  task.sleepNs = ns;
  task.left = Math.max(1, Math.ceil(task.cpu / 2));
  task.afterSleep = Math.max(1, task.cpu - task.left);
};

/** The call has come to its sleep. A pending fake signal turns an interruptible one into the way out. */
const sleepInCall = (life: CpuLife, task: Task, program: Program): void => {
  const call = program.calls[task.call] as CallProgram;
  const interruptible = call.sleep?.interruptible === true;
  task.wakeAt = life.now + task.sleepNs;
  if (interruptible && (task.signalled || life.gate === "all")) {
    cutShort(life, task, call);
    return;
  }
  task.mode = interruptible ? "asleep" : "disk";
};

/** A fake signal ends the sleep: the call leaves the kernel, to be made again or to fail. */
export const cutShort = (life: CpuLife, task: Task, call: CallProgram): void => {
  task.restart = call.restarts;
  if (!call.restarts) life.interrupted++;
  resume(life, task);
};

/** A sleeper goes on: what is left of its call is the way out. */
export const resume = (life: CpuLife, task: Task): void => {
  task.mode = "kernel";
  task.left = Math.max(1, task.afterSleep);
  task.afterSleep = 0;
  task.sleepNs = 0;
  task.leaving = true;
  life.steps++;
};

/** An interrupted call is made again: from its entry, now, for what is left of its sleep. */
export const restart = (life: CpuLife, task: Task): void => {
  task.mode = "kernel";
  task.restart = false;
  task.entered = life.version;
  task.leaving = false;
  life.entries++;
  planSleep(task, Math.max(1, task.wakeAt - life.now));
};
