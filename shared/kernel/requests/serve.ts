// Tasks as servers: they sleep in the workload's wait call until a request is there, do the calls of the mix for it, and wait again.
//
// A request lasts from one wait to the next, so that its calls are those of the workload, in number and in kind. It is taken where the
// wait call finds it, at its sleep or in it, and answered when its server calls for the next one.
import type { CpuLife } from "../cpuLife.ts";
import { choose } from "../program.ts";
import type { Rules } from "../rules.ts";
import type { Task } from "../task.ts";
import { answer, isIdle, type Requests, type Server, takeRequest } from "./requests.ts";

const serverOf = (life: CpuLife, requests: Requests, task: Task): Server => requests.servers[life.tasks.indexOf(task)] as Server;

/** The call that a server makes next. */
export const nextCall = (life: CpuLife, requests: Requests, task: Task, { program }: Rules): number => {
  const server = serverOf(life, requests, task);
  if (isIdle(server)) return program.waitCall;
  const call = choose(program.calls, life.random);
  if (call === program.waitCall) answer(requests, server, life.now);
  return call;
};

/** A server that has come to the sleep of its wait call takes a request if one is there. */
export const findsRequest = (life: CpuLife, requests: Requests, task: Task, rules: Rules): boolean => {
  if (requests.untaken.nextAt > life.now) return false;
  takeRequest(requests, serverOf(life, requests, task), life.now);
  callWaiter(life, requests, rules);
  return true;
};

/** A server that sleeps until there is a request. */
export const isWaiting = ({ thread, mode, call }: Task, { program }: Rules): boolean =>
  thread < 0 && mode === "asleep" && call === program.waitCall;

/** Wakes the first of the servers that wait when the next request arrives, and no other one. */
export const callWaiter = (life: CpuLife, requests: Requests, rules: Rules): void => {
  let at = requests.untaken.nextAt;
  for (const task of life.tasks) {
    if (!isWaiting(task, rules)) continue;
    task.wakeAt = at;
    at = Infinity;
  }
};

/** The server was called: the request is its. */
export const wakeWith = (life: CpuLife, requests: Requests, task: Task): void => {
  takeRequest(requests, serverOf(life, requests, task), life.now);
};

/** The server makes a call once more, or comes out of it early, because of a fake signal. */
export const noteRedone = (life: CpuLife, requests: Requests, task: Task, ns: number): void => {
  serverOf(life, requests, task).redoneNs += ns;
};
