// A workload joined with the call graph: the tables that tasks draw from, made once and shared by all CPUs.
import { below, type Random, uniform } from "../machine/random.ts";
import { interruptPaths, pathsOf, threadPathsOf } from "./callGraph.ts";
import { mean, type Sampler, samplerOf } from "./distribution.ts";
import type { SystemCall, Workload } from "./workload.ts";

/** A way through the kernel: functions from the entry down to the deepest. */
interface Route {
  /** Cumulative share, ascending to 1. */
  readonly upTo: number;
  readonly functions: readonly string[];
}

export interface CallProgram {
  readonly upTo: number;
  readonly cpuNs: Sampler;
  readonly sleep: { readonly probability: number; readonly interruptible: boolean; readonly ns: Sampler } | undefined;
  readonly restarts: boolean;
  readonly routes: readonly Route[];
  /** Share of a task's time that it spends on CPU in this call, and asleep in it. */
  readonly onCpuNs: number;
  readonly asleepNs: number;
}

export interface ThreadProgram {
  readonly idleNs: Sampler;
  readonly workNs: Sampler;
  readonly working: number;
  /** Mean time from one piece of work to the next. */
  readonly cycleNs: number;
  readonly routes: readonly Route[];
}

export interface Program {
  /** The tasks of each CPU, in order: `thread` is -1 for a user task, else its kind; names like `web-2`, `kworker-0`. */
  readonly tasks: ReadonlyArray<{ readonly thread: number; readonly name: string }>;
  readonly userNs: Sampler;
  readonly calls: readonly CallProgram[];
  readonly threads: readonly ThreadProgram[];
  /** Sections with interrupts off: how long one is, and the share of time that a CPU spends in them. */
  readonly irqsOffNs: Sampler;
  readonly irqsOffShare: number;
  /** Interrupts per ns, and the ways that their handlers take. */
  readonly interruptRate: number;
  readonly interruptRoutes: readonly Route[];
  readonly crossCallsPerSecond: number;
  /** The call in which a server waits for requests: the commonest that does so by its name; -1 if the workload makes none. */
  readonly waitCall: number;
  /** Mean time from one kernel entry of a task to its next, and the part of it that is user time. */
  readonly cycleNs: number;
  readonly userMeanNs: number;
  /** The part of it that is slept. */
  readonly asleepNs: number;
  /** A gap so long that a task's state at its end no longer depends on the state at its start. */
  readonly forgottenAfterNs: number;
}

const cumulate = <T extends { readonly weight: number }>(items: readonly T[]): number[] => {
  const total = items.reduce((sum, item) => sum + item.weight, 0);
  let sum = 0;
  return items.map((item, index) => {
    sum += item.weight / total;
    return index === items.length - 1 ? 1 : sum;
  });
};

const routesOf = (paths: ReadonlyArray<{ readonly weight: number; readonly functions: readonly string[] }>): Route[] => {
  const upTo = cumulate(paths);
  return paths.map((path, index) => ({ upTo: upTo[index] as number, functions: path.functions }));
};

const callPrograms = (calls: readonly SystemCall[]): CallProgram[] => {
  const upTo = cumulate(calls);
  const total = calls.reduce((sum, call) => sum + call.weight, 0);
  return calls.map((call, index) => ({
    upTo: upTo[index] as number,
    cpuNs: samplerOf(call.cpuNs),
    sleep: call.sleep && {
      probability: call.sleep.probability,
      interruptible: call.sleep.kind === "interruptible",
      ns: samplerOf(call.sleep.ns),
    },
    restarts: call.restarts,
    routes: routesOf(pathsOf(call.name)),
    onCpuNs: (call.weight / total) * mean(call.cpuNs),
    asleepNs: call.sleep === undefined ? 0 : (call.weight / total) * call.sleep.probability * mean(call.sleep.ns),
  }));
};

/** Calls that wait for whatever comes in, and sleep until it does. */
const waitCalls: readonly string[] = ["epoll_wait", "epoll_pwait", "poll", "ppoll", "select", "pselect6", "accept", "accept4"];

/** The index of the call in which a server waits for requests, or -1. */
export const waitCallOf = (calls: readonly SystemCall[]): number =>
  calls.reduce((found, { name, weight, sleep }, index) => {
    if (!waitCalls.includes(name) || sleep?.kind !== "interruptible") return found;
    return weight > (calls[found]?.weight ?? 0) ? index : found;
  }, -1);

const named = (thread: number, name: string, count: number): Program["tasks"][number][] =>
  Array.from({ length: count }, (_, nth) => ({ thread, name: `${name}-${nth}` }));

/** Joins a workload with the call graph. `tasksPerCpu` overrides the workload's own number. */
export const compile = (workload: Workload, tasksPerCpu = workload.tasksPerCpu): Program => {
  const calls = callPrograms(workload.calls);
  const userMeanNs = mean(workload.userNs);
  const onCpuNs = calls.reduce((sum, call) => sum + call.onCpuNs, userMeanNs);
  const asleepNs = calls.reduce((sum, call) => sum + call.asleepNs, 0);
  return {
    tasks: [...named(-1, workload.name, tasksPerCpu), ...workload.kthreads.flatMap(({ name, perCpu }, kind) => named(kind, name, perCpu))],
    userNs: samplerOf(workload.userNs),
    calls,
    threads: workload.kthreads.map((thread) => ({
      idleNs: samplerOf(thread.idleNs),
      workNs: samplerOf(thread.workNs),
      cycleNs: mean(thread.workNs) + mean(thread.idleNs),
      working: mean(thread.workNs) / (mean(thread.workNs) + mean(thread.idleNs)),
      routes: routesOf(threadPathsOf(thread.name)),
    })),
    irqsOffNs: samplerOf(workload.irqsOff.ns),
    irqsOffShare: (workload.irqsOff.perSecond * mean(workload.irqsOff.ns)) / 1e9,
    interruptRate: workload.irqsOff.perSecond / 1e9,
    interruptRoutes: routesOf(interruptPaths()),
    crossCallsPerSecond: workload.crossCalls.perSecond,
    waitCall: waitCallOf(workload.calls),
    cycleNs: onCpuNs + asleepNs,
    userMeanNs,
    asleepNs,
    forgottenAfterNs: 256 * onCpuNs,
  };
};

/** Index of the first entry whose cumulative share covers a uniform draw. */
export const choose = (items: ReadonlyArray<{ readonly upTo: number }>, random: Random): number => {
  if (items.length === 1) return 0;
  const share = uniform(random);
  for (let i = 0; i < items.length; i++) if (share < (items[i] as { readonly upTo: number }).upTo) return i;
  return items.length - 1;
};

/** A random CPU other than `cpu`; needs at least two. */
export const anotherCpu = (cpu: number, cpus: number, random: Random): number => {
  const other = below(random, cpus - 1);
  return other < cpu ? other : other + 1;
};
