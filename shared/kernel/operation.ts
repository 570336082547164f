// An operation that switches tasks or functions one by one, as one CPU sees it: who is on which version, and what came of it so far.
//
// All of this exists only while an operation is under way. Which version a call ran is found out late: when the version changes, when
// the call sleeps or ends, or when somebody asks. Times within a call take it to have run without a break; it may have been preempted
// in between, so they can be late by a time slice.
import { uniform } from "../machine/random.ts";
import type { CpuLife } from "./cpuLife.ts";
import { type Course, noSwitches, type Switches } from "./life.ts";
import type { Rules } from "./rules.ts";
import { calledAgo, calledOf, depthOf, leftAgo, patchedFrame, patchedOnWay, straddleOf, wayOf } from "./stack.ts";
import type { Verdict } from "./stackReader.ts";
import { inKernel, isAwake, type Task } from "./task.ts";

/** What an operation knows of one task. */
export interface Crossing {
  /** What its calls of patched functions resolve to, where tasks switch one by one. */
  version: number;
  /** The same for each batch, where functions switch one by one and each task in its own time; else null. */
  readonly byBatch: number[] | null;
  /** It is to cross a point where it may switch, and has not. */
  pending: boolean;
  /** What was last found against it; null if nobody has looked. */
  verdict: Verdict | null;
  /** How many functions of its way have been resolved, in which versions (1: outgoing, 2: incoming), and the outermost outgoing one. */
  called: number;
  seen: number;
  outgoing: number;
  /** It is in a call that was under way when its version changed, so that how this call goes on must not be forgotten. */
  watched: boolean;
  /** It has switched in the middle of the call that it is in. */
  crossed: boolean;
}

export interface Operation {
  readonly startedAt: number;
  /** The version that everyone was on when the operation began, but for a CPU that was born since: the outgoing one, also while it is being reversed. */
  readonly from: number;
  target: number;
  /** The batch that was last asked for; null: all. */
  batch: number | null;
  /** The idle task: its version, and when it was last made to pass its loop (-1: not since it was found running). */
  readonly idle: { version: number; kickedAt: number };
  /** What interrupt handlers run, where that is told by a flag of the CPU. */
  readonly flag: { version: number; turns: number };
  /** How far through their period interrupts were at 0, from 0 to 1, and up to when they have been looked at. */
  readonly phase: number;
  handledUntil: number;
  /** What each batch resolves to, where functions switch by themselves. */
  readonly redirected: number[];
  readonly tally: { -readonly [K in keyof Switches]: Switches[K] };
}

const outgoingBit = 1;
const incomingBit = 2;
const both = 3;

/** How many of those that switched in a patched function are named. */
const namedOnStack = 8;

/** The operation that is under way; begins one if there is none. Calls under way have run the version that the CPU was on so far. */
export const begin = (life: CpuLife, rules: Rules, { from }: Course): Operation => {
  const isNew = life.operation === null;
  const startedAt = life.version === from ? life.now : life.bornAt;
  life.operation ??= {
    startedAt,
    from,
    target: life.version,
    batch: null,
    idle: { version: life.version, kickedAt: -1 },
    flag: { version: life.version, turns: 0 },
    // A draw from a copy: what tasks do is the same whoever interrupts them.
    phase: uniform({ ...life.random }),
    handledUntil: startedAt,
    redirected: rules.batches.map(() => life.version),
    tally: { ...noSwitches },
  };
  for (const task of life.tasks) {
    if (task.crossing !== null) continue;
    const byBatch = rules.switches === "function" && rules.leave !== "function" ? rules.batches.map(() => life.version) : null;
    const { version } = life;
    const fresh = { pending: false, verdict: null, called: 0, seen: 0, outgoing: -1, crossed: false };
    task.crossing = { version, byBatch, watched: inKernel(task), ...fresh };
    meet(life, rules, task);
    // Born in the middle of it, so that all that it ran since was the incoming version.
    if (isNew && life.version !== from) ranInGap(life, rules, task, life.bornAt);
  }
  return life.operation;
};

/** The task is met in the midst of a call: what it has called so far was resolved as it would be now. */
export const meet = (life: CpuLife, rules: Rules, task: Task): void => {
  const { operation } = life;
  const { crossing } = task;
  if (operation === null || crossing === null) return;
  forget(crossing);
  if (!inKernel(task)) return;
  const way = wayOf(task, rules.program);
  crossing.called = calledOf(task, way);
  for (const { position, batch } of patchedOnWay(way, rules)) {
    if (position < crossing.called) note(crossing, position, versionOf(operation, crossing, rules, batch) === operation.from);
  }
};

const forget = (crossing: Crossing): void => {
  crossing.called = 0;
  crossing.seen = 0;
  crossing.outgoing = -1;
  crossing.crossed = false;
};

const note = (crossing: Crossing, position: number, isOutgoing: boolean): void => {
  crossing.seen |= isOutgoing ? outgoingBit : incomingBit;
  if (isOutgoing && crossing.outgoing < 0) crossing.outgoing = position;
};

/** What a task's calls of this batch resolve to now. */
export const versionOf = (operation: Operation, crossing: Crossing, rules: Rules, batch: number): number =>
  rules.switches === "task" ? crossing.version : ((crossing.byBatch ?? operation.redirected)[batch] as number);

/** Finds out which versions the calls ran that the task has made since somebody last did. */
export const resolve = (life: CpuLife, rules: Rules, task: Task): void => {
  const { operation } = life;
  const { crossing } = task;
  if (operation === null || crossing === null || !inKernel(task)) return;
  const way = wayOf(task, rules.program);
  const called = calledOf(task, way);
  if (called <= crossing.called) return;
  for (const { position, batch } of patchedOnWay(way, rules)) {
    if (position < crossing.called || position >= called) continue;
    const isOutgoing = versionOf(operation, crossing, rules, batch) === operation.from;
    const before = crossing.seen;
    note(crossing, position, isOutgoing);
    if (crossing.seen === both && before !== both) tallyMixed(operation, rules, crossing);
    ran(operation, isOutgoing, Math.max(operation.startedAt, life.now - Math.max(0, calledAgo(task, way, position))));
  }
  crossing.called = called;
};

const tallyMixed = ({ tally }: Operation, rules: Rules, crossing: Crossing): void => {
  tally.mixed++;
  if (rules.switches === "function" || !crossing.crossed) tally.unexplained++;
};

/** A patched function ran in the outgoing or in the incoming version at this moment. */
export const ran = ({ tally, startedAt }: Operation, isOutgoing: boolean, at: number): void => {
  if (at < startedAt) return;
  if (isOutgoing) tally.outgoingUntil = Math.max(tally.outgoingUntil ?? at, at);
  else tally.incomingFrom = Math.min(tally.incomingFrom ?? at, at);
};

/** The call, or pass of a kernel thread's work, ends: its outermost function returns just now, the others did before. */
export const leaveCall = (life: CpuLife, rules: Rules, task: Task): void => {
  const { operation } = life;
  const { crossing } = task;
  if (operation === null || crossing === null) return;
  resolve(life, rules, task);
  if (crossing.outgoing >= 0) {
    const way = wayOf(task, rules.program);
    ran(operation, true, life.now - Math.round((task.cpu * crossing.outgoing) / (2 * way.length)));
  }
  forget(crossing);
  crossing.watched = false;
};

/** How a switch came about: at `at`, by force or not. */
interface How {
  readonly at: number;
  readonly forced: boolean;
}

/** The task goes over, with all of the patch set or with the batch that is asked for. */
export const switchTask = (life: CpuLife, rules: Rules, task: Task, how: How): void => {
  const operation = life.operation as Operation;
  const crossing = task.crossing as Crossing;
  crossing.pending = false;
  crossing.verdict = null;
  resolve(life, rules, task);
  if (crossing.byBatch === null) crossing.version = operation.target;
  else crossing.byBatch[operation.batch ?? 0] = operation.target;
  crossing.watched = inKernel(task);
  crossing.crossed = crossing.watched;
  tallySwitch(operation, crossing.watched, how);
  if (!how.forced) tallyOnStack(life, rules, task, operation.batch);
};

const tallySwitch = ({ tally }: Operation, isInKernel: boolean, { at, forced }: How): void => {
  tally.count++;
  if (isInKernel) tally.inKernel++;
  if (forced) tally.forced++;
  tally.firstAt = Math.min(tally.firstAt ?? at, at);
  tally.lastAt = Math.max(tally.lastAt ?? at, at);
};

const tallyOnStack = (life: CpuLife, rules: Rules, task: Task, batch: number | null): void => {
  if (patchedFrame(task, rules, batch) === null) return;
  const { tally } = life.operation as Operation;
  tally.onStackCount++;
  if (tally.onStack.length < namedOnStack) tally.onStack = [...tally.onStack, straddleOf(life, rules, task, batch)];
};

/** Every call of the batch resolves to `target` from here on, whoever makes it. A task counts as switched at the first redirection. */
export const redirect = (life: CpuLife, rules: Rules, batch: number, course: Course): void => {
  const { target } = course;
  if (rules.switches !== "function" || rules.leave !== "function") {
    throw new Error("functions are redirected only where they switch by themselves, whoever is in them");
  }
  if (batch < 0 || batch >= rules.batches.length) throw new Error(`there is no batch ${batch} of functions`);
  const isFirst = life.operation === null || life.operation.tally.count === 0;
  const operation = begin(life, rules, course);
  if (operation.redirected[batch] === target) return;
  for (const task of life.tasks) {
    resolve(life, rules, task);
    (task.crossing as Crossing).watched = inKernel(task);
    if (isFirst) tallySwitch(operation, inKernel(task), { at: life.now, forced: false });
    tallyOnStack(life, rules, task, batch);
  }
  operation.redirected[batch] = target;
  operation.target = target;
  if (operation.tally.count > 0) operation.tally.lastAt = life.now;
};

/** The idle task goes over. Nothing of it is ever in a patched function, so its stack is not looked at. */
export const switchIdle = (operation: Operation, how: How): void => {
  operation.idle.version = operation.target;
  operation.idle.kickedAt = -1;
  tallySwitch(operation, false, how);
};

export const idleIsPending = (rules: Rules, operation: Operation): boolean =>
  rules.switches === "task" && rules.gradual?.idle === true && operation.idle.version !== operation.target;

/** An idle task that was made to pass its loop has done so by the next moment. */
export const passIdle = (life: CpuLife, rules: Rules): void => {
  const { operation } = life;
  if (operation === null || !idleIsPending(rules, operation)) return;
  const { kickedAt } = operation.idle;
  if (kickedAt >= 0 && kickedAt < life.now) switchIdle(operation, { at: kickedAt, forced: false });
};

/** True while an awake task has yet to switch, or is in a call that saw its version change: it is not to be forgotten. */
export const isOnItsWay = (task: Task): boolean =>
  task.crossing !== null && isAwake(task) && (task.crossing.pending || (task.crossing.watched && task.mode === "kernel"));

/** What came of the operation up to now. */
export const switches = (life: CpuLife, rules: Rules): Switches => {
  const { operation } = life;
  if (operation === null) return noSwitches;
  passIdle(life, rules);
  for (const task of life.tasks) {
    resolve(life, rules, task);
    const outgoing = task.crossing?.outgoing ?? -1;
    if (task.mode !== "kernel" || outgoing < 0) continue;
    const way = wayOf(task, rules.program);
    ran(operation, true, outgoing < depthOf(task, way) ? life.now : life.now - leftAgo(task, way, outgoing));
  }
  const flag = rules.handlers === "cpu" ? { ...operation.flag } : null;
  return { ...operation.tally, flag, onStack: operation.tally.onStack.map((straddle) => ({ ...straddle })) };
};

/**
 * What ran in a gap that was leapt over, on the average: as many calls of patched functions as the workload makes in that time, by the
 * task and by the handlers that follow it. Tasks
 * that had switched ran the incoming version, the others the outgoing one, if they ran at all.
 */
export const ranInGap = (life: CpuLife, rules: Rules, task: Task, from: number): void => {
  const { operation } = life;
  const { crossing } = task;
  if (operation === null || crossing === null) return;
  const onCpu = rules.onCpuShares[task.thread + 1] as number;
  for (const [batch, entryRate] of (rules.entryRates[task.thread + 1] as readonly number[]).entries()) {
    const rate = entryRate + (rules.handlers === "task" ? (rules.handlerRates[batch] as number) * onCpu : 0);
    if (rate * (life.now - from) < 1) continue;
    const isOutgoing = versionOf(operation, crossing, rules, batch) === operation.from;
    ran(operation, isOutgoing, isOutgoing ? life.now - Math.round(1 / rate) : from + Math.round(1 / rate));
  }
};

/** The operation is over. */
export const endOperation = (life: CpuLife, version: number): void => {
  life.operation = null;
  life.version = version;
  for (const task of life.tasks) task.crossing = null;
};
