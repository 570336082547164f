// A task looked at for the first time, or after so long that its past is forgotten, is in the middle of something.
//
// The state is drawn from the stationary distribution of the workload's cycle (user time, a call, perhaps a sleep): the chance of
// each part is its share of the cycle, and the part that is met is length-biased. Waiting for the CPU is left out of the shares.
import { type Random, uniform } from "../machine/random.ts";
import { draw, drawMet, drawRest, partOf } from "./distribution.ts";
import { type CallProgram, choose, type Program } from "./program.ts";
import type { Task } from "./task.ts";

/** Puts `task` into the middle of its work at `at`, on `version`. */
export const settle = (task: Task, program: Program, random: Random, at: number, version: number): void => {
  task.left = 0;
  task.wakeAt = 0;
  task.call = -1;
  task.path = 0;
  task.cpu = 0;
  task.afterSleep = 0;
  task.sleepNs = 0;
  task.entered = version;
  task.signalled = false;
  task.restart = false;
  task.leaving = false;
  if (task.thread >= 0) settleThread(task, program, random, at);
  else settleUser(task, program, random, at);
};

const settleThread = (task: Task, program: Program, random: Random, at: number): void => {
  const thread = program.threads[task.thread] as Program["threads"][number];
  task.path = choose(thread.routes, random);
  if (uniform(random) < thread.working) {
    task.mode = "kernel";
    task.cpu = drawMet(thread.workNs, random);
    task.left = partOf(task.cpu, random);
  } else {
    task.mode = "safe";
    task.wakeAt = at + drawRest(thread.idleNs, random);
  }
};

const settleUser = (task: Task, program: Program, random: Random, at: number): void => {
  let rest = uniform(random) * program.cycleNs - program.userMeanNs;
  for (let i = 0; i < program.calls.length && rest >= 0; i++) {
    const call = program.calls[i] as CallProgram;
    if (rest < call.onCpuNs + call.asleepNs) {
      task.call = i;
      task.path = choose(call.routes, random);
      if (rest < call.onCpuNs) settleOnCpu(task, call, random);
      else settleAsleep(task, call, random, at);
      return;
    }
    rest -= call.onCpuNs + call.asleepNs;
  }
  task.mode = "user";
  task.left = drawRest(program.userNs, random);
};

const settleOnCpu = (task: Task, call: CallProgram, random: Random): void => {
  task.mode = "kernel";
  task.cpu = drawMet(call.cpuNs, random);
  const ahead = partOf(task.cpu, random);
  const half = task.cpu - Math.ceil(task.cpu / 2);
  if (call.sleep !== undefined && uniform(random) < call.sleep.probability && ahead > half) {
    task.left = ahead - half;
    task.afterSleep = Math.max(1, half);
    task.sleepNs = draw(call.sleep.ns, random);
  } else {
    task.left = ahead;
    task.leaving = ahead <= half;
  }
};

const settleAsleep = (task: Task, call: CallProgram, random: Random, at: number): void => {
  const sleep = call.sleep as NonNullable<CallProgram["sleep"]>;
  task.mode = sleep.interruptible ? "asleep" : "disk";
  task.cpu = draw(call.cpuNs, random);
  task.afterSleep = Math.max(1, task.cpu - Math.ceil(task.cpu / 2));
  task.wakeAt = at + drawRest(sleep.ns, random);
};
