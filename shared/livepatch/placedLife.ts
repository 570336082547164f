// The life of CPUs whose tasks a script has placed: the timed life, under a program made of the placed tasks and the patch in transition.
//
// The script says who is there, in which function a task sleeps and until when. Who may switch and when, what a signal does, and what the
// idle task does is the life's own affair. Patches and tasks come and go under it, so its rules are made anew for each look.
import { hybrid } from "../consistency/hybrid.ts";
import { pathsOf, threadPathsOf } from "../kernel/callGraph.ts";
import type { CpuLife } from "../kernel/cpuLife.ts";
import { type Distribution, samplerOf } from "../kernel/distribution.ts";
import type { Life } from "../kernel/life.ts";
import { meet } from "../kernel/operation.ts";
import type { Profile } from "../kernel/profile.ts";
import { type CallProgram, compile, type Program, type ThreadProgram } from "../kernel/program.ts";
import { rulesOf } from "../kernel/rules.ts";
import { type Task as Body, freshTask, inKernel } from "../kernel/task.ts";
import { type TimedOptions, timedLife } from "../kernel/timed.ts";
import type { Workload } from "../kernel/workload.ts";
import type { Code } from "./functions.ts";
import type { Placement, Task } from "./task.ts";

/** User time between two calls, a call, and the way out of a sleep. Nothing rests on it, but that a millisecond holds many. */
const stretchNs = 1_000;

/** Eleven days: no script waits that long. */
const forEverNs = 1e15;

const constant = (ns: number): Distribution => ({ kind: "constant", ns });

/** Nothing runs by itself: every task is placed. */
export const emptyWorkload: Workload = {
  schema: "quiesce.workload/1",
  name: "placed",
  title: "whoever a script places",
  source: "no recording",
  tasksPerCpu: 0,
  userNs: constant(stretchNs),
  calls: [],
  kthreads: [],
  irqsOff: { perSecond: 0, ns: constant(1) },
  nmis: { perSecond: 0 },
  crossCalls: { perSecond: 0 },
};

const nothing = compile(emptyWorkload);

/** What the life must know of the kernel that it is part of. */
export interface Around {
  /** Functions that the patch in transition changes, and the code of each that nobody may be in who is to switch now. */
  readonly outgoing: () => ReadonlyMap<Code, Code>;
  /** System calls that tasks may loop in, and the function behind each. */
  readonly systemCalls: ReadonlyMap<string, Code>;
  /** The last call that a task has made of those that it loops in was made on this version. */
  readonly called: (task: Task, version: number) => void;
}

/** As the kernel prints symbols. */
const symbolOf = ({ name, owner }: Code): string => `${name} [${owner}]`;

const firstOf = (ways: ReadonlyArray<{ readonly functions: readonly string[] }>): readonly string[] => ways[0]?.functions ?? [];

/** A work item runs in this function of the worker, the third one from its start; a thread that rests is further out. */
const workerFrames = firstOf(threadPathsOf("kworker")).slice(0, 3);

/** A system call to sleep in: what is on the stack then, and whether it is made again after a signal. */
interface SleepingCall {
  readonly functions: readonly string[];
  readonly restarts: boolean;
}

const shellWaits: SleepingCall = { functions: firstOf(pathsOf("wait4")), restarts: true };

/** What a task does whose call a signal has ended. */
const pausing: SleepingCall = { functions: firstOf(pathsOf("pause")), restarts: true };

const stretch = samplerOf(constant(stretchNs));
const forEver = samplerOf(constant(forEverNs));

/** Every task that enters the kernel on its CPU makes the chosen call. */
const callProgram = ({ functions, restarts }: SleepingCall, sleeps: boolean, upTo: number, chosen: boolean): CallProgram => ({
  upTo,
  cpuNs: stretch,
  sleep: sleeps ? { probability: 1, interruptible: true, ns: forEver } : undefined,
  restarts,
  routes: [{ upTo: 1, functions }],
  onCpuNs: chosen ? stretchNs : 0,
  asleepNs: chosen && sleeps ? forEverNs : 0,
});

const threadProgram = (functions: readonly string[]): ThreadProgram => ({
  idleNs: forEver,
  workNs: stretch,
  working: stretchNs / (stretchNs + forEverNs),
  cycleNs: stretchNs + forEverNs,
  routes: [{ upTo: 1, functions }],
});

export class PlacedTasks {
  /** What the CPUs live by. */
  readonly life: Life<CpuLife>;
  private readonly around: Around;
  private readonly profile: Profile;
  private readonly tasks = new Map<Body, Task>();
  /** What sleepers and kernel threads have been placed in: each is a call or a thread of the program, and never taken away. */
  private readonly sleeping: SleepingCall[] = [];
  private readonly threads: Array<readonly string[]> = [];
  private nextPid = 1_000;

  constructor(profile: Profile, around: Around) {
    this.profile = profile;
    this.around = around;
    const empty = timedLife(this.optionsWith(nothing));
    const under = (life: CpuLife): Life<CpuLife> => timedLife(this.optionsFor(life));
    this.life = {
      ...empty,
      advance: (life, to) => this.advance(life, to),
      aim: (life, what) => under(life).aim(life, what),
      pending: (life) => under(life).pending(life),
      switches: (life) => under(life).switches(life),
      census: (life) => under(life).census(life),
    };
  }

  private advance(life: CpuLife, to: number): void {
    const { entries } = life;
    timedLife(this.optionsFor(life)).advance(life, to);
    if (life.entries === entries) return;
    for (const body of life.tasks) {
      const task = this.taskOf(body);
      if (task.loops !== undefined) this.around.called(task, body.entered);
    }
  }

  private taskOf(body: Body): Task {
    const task = this.tasks.get(body);
    if (task === undefined) throw new Error("a CPU has a task that nobody placed");
    return task;
  }

  // ---- who is there ----

  /** Puts a task on a CPU whose life is at this moment. In a transition it is where its maker is: it has switched, or is to. */
  place(cpu: number, life: CpuLife, placement: Placement, maker: Task | null): Task {
    const crossing = life.operation && (maker?.body.crossing ?? null);
    const body = this.bodyOf(placement, crossing?.version ?? life.version);
    const task: Task = { ...placement, pid: this.nextPid++, cpu, body };
    this.tasks.set(body, task);
    life.tasks = [...life.tasks, body];
    if (crossing !== null) {
      body.crossing = { ...crossing, verdict: null, watched: inKernel(body) };
      meet(life, rulesOf(this.optionsFor(life)), body);
    }
    return task;
  }

  private bodyOf({ kind, sleepsIn, loops }: Placement, entered: number): Body {
    const asleep = { wakeAt: Infinity, cpu: 2 * stretchNs, afterSleep: stretchNs, entered };
    if (kind === "kthread") {
      const functions = sleepsIn === undefined ? firstOf(threadPathsOf("kthread")) : [...workerFrames, symbolOf(sleepsIn), "msleep"];
      const body = freshTask(this.threads.push(functions) - 1);
      return sleepsIn === undefined ? { ...body, mode: "safe", wakeAt: Infinity } : { ...body, ...asleep, mode: "disk" };
    }
    if (loops !== undefined) return { ...freshTask(-1), left: stretchNs };
    const sleeping = sleepsIn === undefined ? shellWaits : { functions: [symbolOf(sleepsIn), "schedule"], restarts: false };
    const call = this.around.systemCalls.size + this.sleeping.push(sleeping);
    return { ...freshTask(-1), ...asleep, mode: "asleep", call };
  }

  /** A kernel thread sleeps for so long in the function that it was placed in. */
  sleepFor(life: CpuLife, { body }: Task, ns: number): void {
    body.mode = "disk";
    body.left = 0;
    body.afterSleep = stretchNs;
    body.leaving = false;
    body.wakeAt = life.now + ns;
  }

  /** The task is gone, whatever it was at. */
  remove(life: CpuLife, { body }: Task): void {
    const running = life.tasks[life.running];
    life.tasks = life.tasks.filter((other) => other !== body);
    life.running = running === undefined ? -1 : life.tasks.indexOf(running);
    this.tasks.delete(body);
  }

  // ---- what they live by ----

  private optionsFor(life: CpuLife): TimedOptions {
    return this.optionsWith(this.programOf(life));
  }

  private optionsWith(program: Program): TimedOptions {
    return {
      program,
      userMode: "gate",
      tickNs: this.profile.tickNs,
      leave: hybrid.leave,
      switches: hybrid.switch,
      check: hybrid.check,
      gradual: hybrid.gradual,
      batches: [[...this.around.outgoing().values()].map(symbolOf)],
      forced: [],
      stackReader: this.profile.stackReader,
    };
  }

  /** The calls: to pause, each system call, each that somebody was placed in. A task in one that has yet to switch runs outgoing code. */
  private programOf(life: CpuLife): Program {
    const { systemCalls } = this.around;
    const outgoing = this.around.outgoing();
    const tasks = life.tasks.map((body) => ({ thread: body.thread, name: this.taskOf(body).name }));
    const loop = this.loopOf(life);
    const chosen = loop === undefined ? 0 : 1 + [...systemCalls.keys()].indexOf(loop);
    const looping = [...systemCalls.values()].map((code) => ({ functions: [symbolOf(outgoing.get(code) ?? code)], restarts: true }));
    const calls = [pausing, ...looping, ...this.sleeping].map((call, index) => {
      const sleeps = index === 0 || index > looping.length;
      return callProgram(call, sleeps, index < chosen ? 0 : 1, index === chosen);
    });
    const cycleNs = calls.reduce((sum, call) => sum + call.onCpuNs + call.asleepNs, nothing.userMeanNs);
    return { ...nothing, tasks, calls, threads: this.threads.map(threadProgram), cycleNs };
  }

  /** The system call that tasks of this CPU loop in. */
  private loopOf(life: CpuLife): string | undefined {
    const loops = new Set(life.tasks.flatMap((body) => this.taskOf(body).loops ?? []));
    if (loops.size > 1) throw new Error("the tasks of one CPU may loop in one system call only");
    return [...loops][0];
  }
}
