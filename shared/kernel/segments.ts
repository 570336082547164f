// What a task does when a stretch of its work ends: enter the kernel, sleep in a call, come back to the boundary, rest.
import { uniform } from "../machine/random.ts";
import { passEntry, passExit } from "./boundary.ts";
import { type CpuLife, holdTask } from "./cpuLife.ts";
import { draw } from "./distribution.ts";
import { leaveCall, resolve } from "./operation.ts";
import { type CallProgram, choose, type Program } from "./program.ts";
import type { Requests } from "./requests/requests.ts";
import { callWaiter, findsRequest, isWaiting, nextCall, noteRedone, wakeWith } from "./requests/serve.ts";
import type { Rules } from "./rules.ts";
import type { Task } from "./task.ts";

/** The running task's stretch is over. */
export const finish = (life: CpuLife, task: Task, rules: Rules): void => {
  life.steps++;
  if (task.thread >= 0) rest(life, task, rules);
  else if (task.mode === "user") {
    if (life.gate === "all") holdTask(life, task);
    else enter(life, task, rules);
  } else if (task.sleepNs > 0 && !task.leaving) sleepInCall(life, task, rules);
  else leaveKernel(life, task, rules);
};

/** A kernel thread has come to its safe point. */
const rest = (life: CpuLife, task: Task, rules: Rules): void => {
  const thread = rules.program.threads[task.thread] as Program["threads"][number];
  leaveCall(life, rules, task);
  task.mode = "safe";
  task.wakeAt = life.now + draw(thread.idleNs, life.random);
  passEntry(life, rules, task);
};

/** The task is at the boundary: it is held there, or goes on to user mode, or makes an interrupted call again. */
const leaveKernel = (life: CpuLife, task: Task, rules: Rules): void => {
  leaveCall(life, rules, task);
  task.mode = "user";
  passExit(life, rules, task);
  const isHeld = life.gate === "all" || (life.gate === "sleepers" && task.signalled);
  if (!isHeld) task.signalled = false;
  if (!task.restart) toUser(life, task, rules.program);
  else if (!isHeld) restart(life, task);
  if (isHeld) holdTask(life, task);
};

const toUser = (life: CpuLife, task: Task, program: Program): void => {
  task.mode = "user";
  task.call = -1;
  task.left = draw(program.userNs, life.random);
};

/** The next call begins. */
export const enter = (life: CpuLife, task: Task, rules: Rules): void => {
  const { program } = rules;
  passEntry(life, rules, task);
  task.mode = "kernel";
  task.call = life.requests === null ? choose(program.calls, life.random) : nextCall(life, life.requests, task, rules);
  const call = program.calls[task.call] as CallProgram;
  task.path = choose(call.routes, life.random);
  task.cpu = draw(call.cpuNs, life.random);
  task.entered = task.crossing?.version ?? life.version;
  task.leaving = false;
  task.restart = false;
  life.entries++;
  if (life.requests !== null && task.call === program.waitCall) planSleep(task, untilRequest);
  else if (call.sleep !== undefined && uniform(life.random) < call.sleep.probability) planSleep(task, draw(call.sleep.ns, life.random));
  else {
    task.left = task.cpu;
    task.sleepNs = 0;
    task.afterSleep = 0;
  }
};

/** How long a server sleeps in its wait call is for the arrivals to say. */
const untilRequest = Infinity;

const planSleep = (task: Task, ns: number): void => {
  task.sleepNs = ns;
  task.left = Math.max(1, Math.ceil(task.cpu / 2));
  task.afterSleep = Math.max(1, task.cpu - task.left);
};

/** The call has come to its sleep. A pending fake signal turns an interruptible one into the way out. */
export const sleepInCall = (life: CpuLife, task: Task, rules: Rules): void => {
  resolve(life, rules, task);
  const waits = life.requests !== null && task.call === rules.program.waitCall;
  if (waits && findsRequest(life, life.requests as Requests, task, rules)) return resume(life, task);
  const call = rules.program.calls[task.call] as CallProgram;
  const interruptible = call.sleep?.interruptible === true;
  task.wakeAt = life.now + task.sleepNs;
  if (interruptible && (task.signalled || life.gate === "all")) {
    cutShort(life, task, rules);
    return;
  }
  task.mode = interruptible ? "asleep" : "disk";
  if (waits) callWaiter(life, life.requests as Requests, rules);
};

/** A fake signal ends the sleep: the call leaves the kernel, to be made again or to fail. */
export const cutShort = (life: CpuLife, task: Task, rules: Rules): void => {
  const { restarts } = rules.program.calls[task.call] as CallProgram;
  task.restart = restarts;
  if (!restarts) life.interrupted++;
  const { requests } = life;
  const isAwaited = requests !== null && isWaiting(task, rules);
  if (requests !== null) noteRedone(life, requests, task, task.afterSleep);
  resume(life, task);
  if (isAwaited) callWaiter(life, requests, rules);
};

/** A sleep has come to its end by itself. */
export const wake = (life: CpuLife, task: Task, rules: Rules): void => {
  const { requests } = life;
  const isCalled = requests !== null && isWaiting(task, rules);
  if (isCalled) wakeWith(life, requests, task);
  resume(life, task);
  if (isCalled) callWaiter(life, requests, rules);
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
  task.entered = task.crossing?.version ?? life.version;
  task.leaving = false;
  life.entries++;
  planSleep(task, Math.max(1, task.wakeAt - life.now));
  if (life.requests !== null) noteRedone(life, life.requests, task, task.left);
};
