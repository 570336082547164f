// The life of a CPU whose tasks a script has placed: sleepers with the stacks that they have, loops of one system call, and the idle task.
import type { Aim, Blocker, Life, Straddle, Switches } from "../kernel/life.ts";
import type { Code } from "./functions.ts";
import type { Task } from "./task.ts";

export interface ScriptedLife {
  now: number;
  readonly tasks: Task[];
  version: number;
  /** What tasks are to switch to, while they are to. */
  target: number | null;
  /** User tasks that sleep have been sent a fake signal. */
  signalled: boolean;
  switched: Switched;
  steps: number;
  entries: number;
}

interface Switched {
  count: number;
  inKernel: number;
  forced: number;
  firstAt: number | null;
  lastAt: number | null;
  /** Who switched with outgoing code on its stack, and was not forced. */
  readonly onStack: Straddle[];
}

/** What a life asks of the kernel that it is part of. */
export interface LifeContext {
  /** True for code that a task may not be in when it switches. */
  readonly isOutgoing: (code: Code) => boolean;
  /** A task has made the system call that it loops in. */
  readonly called: (task: Task) => void;
}

const noneYet = (): Switched => ({ count: 0, inKernel: 0, forced: 0, firstAt: null, lastAt: null, onStack: [] });

const idleTask = (version: number): Task => ({ pid: 0, name: "swapper", kind: "idle", loops: null, version, stack: [] });

const isPending = (life: ScriptedLife, task: Task): boolean => life.target !== null && task.version !== life.target;

const switchOver = (life: ScriptedLife, context: LifeContext, task: Task, forced: boolean): void => {
  const { switched } = life;
  const outgoing = task.stack.find(context.isOutgoing);
  if (outgoing !== undefined && !forced) switched.onStack.push({ task: task.name, patched: outgoing.name });
  task.version = life.target ?? task.version;
  switched.count++;
  if (task.kind !== "user" || task.loops === null) switched.inKernel++;
  if (forced) switched.forced++;
  switched.firstAt ??= life.now;
  switched.lastAt = life.now;
};

/** Idle tasks pass their loop, loops leave the kernel, and so do sleepers that were signalled: each of them switches by that. */
const goesOn = (life: ScriptedLife, task: Task): boolean => {
  if (task.kind === "idle" || task.loops !== null) return true;
  if (task.kind !== "user" || !life.signalled) return false;
  task.stack.length = 0;
  return true;
};

const advance = (life: ScriptedLife, context: LifeContext, to: number): void => {
  if (to < life.now) throw new Error("a life cannot go back");
  if (to === life.now) return;
  life.now = to;
  life.steps++;
  for (const task of life.tasks) if (isPending(life, task) && goesOn(life, task)) switchOver(life, context, task, false);
  for (const task of life.tasks) {
    if (task.loops === null) continue;
    life.entries++;
    context.called(task);
  }
};

/** True if the transition's code finds this task not running, and nothing outgoing on its stack. */
const passesCheck = (life: ScriptedLife, context: LifeContext, task: Task, caller: boolean): boolean => {
  if (task.loops !== null) return false;
  if (task.kind === "idle") return caller || life.tasks.some(({ loops }) => loops !== null);
  return !task.stack.some(context.isOutgoing);
};

const aim = (life: ScriptedLife, context: LifeContext, { target, looks, caller, signals, forces }: Aim): void => {
  if (life.target !== target) life.signalled = false;
  life.target = target;
  if (signals) life.signalled = true;
  for (const task of life.tasks) {
    if (!isPending(life, task)) continue;
    if (forces) switchOver(life, context, task, true);
    else if (looks && passesCheck(life, context, task, caller)) switchOver(life, context, task, false);
  }
};

const blockerOf = (context: LifeContext, task: Task): Blocker => {
  const held = task.stack.find(context.isOutgoing);
  return held === undefined
    ? { task: task.name, function: task.stack.at(-1)?.name ?? "", why: "running" }
    : { task: task.name, function: held.name, why: "patched function on its stack" };
};

const neverStopped = (): never => {
  throw new Error("only a model that stops the machine holds its tasks");
};

const switchesOf = ({ switched }: ScriptedLife): Switches => ({
  ...switched,
  onStack: [...switched.onStack],
  onStackCount: switched.onStack.length,
  mixed: 0,
  unexplained: 0,
  outgoingUntil: null,
  incomingFrom: null,
});

export const scriptedLife = (context: LifeContext): Life<ScriptedLife> => ({
  boot: (_, at, version) => ({
    now: at,
    tasks: [idleTask(version)],
    version,
    target: null,
    signalled: false,
    switched: noneYet(),
    steps: 0,
    entries: 0,
  }),
  advance: (life, to) => advance(life, context, to),
  interruptsOnAt: (_, at) => at,
  aim: (life, what) => aim(life, context, what),
  pending: (life) => life.tasks.filter((task) => isPending(life, task)).map((task) => blockerOf(context, task)),
  switches: switchesOf,
  settle: (life, version) => {
    life.version = version;
    for (const task of life.tasks) task.version = version;
    life.target = null;
    life.signalled = false;
    life.switched = noneYet();
  },
  census: (life) => ({
    inKernel: life.tasks.filter(({ kind, loops }) => kind === "user" && loops === null).length,
    unsafe: life.tasks.filter(({ kind }) => kind === "kthread").length,
    held: 0,
    steps: life.steps,
    entries: life.entries,
    version: life.version,
    interrupted: 0,
    onStack: life.tasks.filter(({ stack }) => stack.some(context.isOutgoing)).length,
    heldNs: 0,
  }),
  spin: neverStopped,
  hold: neverStopped,
  outlook: neverStopped,
  freeze: neverStopped,
  release: neverStopped,
  busy: neverStopped,
  redirect: neverStopped,
});
