// Interrupt handlers that call patched functions while an operation is under way: in which version, and when last or first.
//
// Handlers come evenly spaced, as often as the workload has one call a function of the batch, so that the last before a moment and the
// first after it are known without counting. What they take of the CPU is in the recorded times of calls already.
import type { CpuLife } from "./cpuLife.ts";
import { type Operation, ran, versionOf } from "./operation.ts";
import type { Rules } from "./rules.ts";

/** What a handler's calls of this batch resolve to, the CPU being as it is. */
const versionOfHandler = (life: CpuLife, operation: Operation, rules: Rules, batch: number): number => {
  if (rules.handlers === "cpu") return operation.flag.version;
  if (rules.handlers === "function") return operation.redirected[batch] as number;
  const crossing = life.tasks[life.running]?.crossing ?? null;
  if (crossing !== null) return versionOf(operation, crossing, rules, batch);
  // An idle task that was kicked has switched by its next interrupt, though that is noticed later.
  return operation.idle.kickedAt >= 0 ? operation.target : operation.idle.version;
};

/** Handlers call functions of the batch at `(phase + n) / rate`, for every whole n. */
const lastUpTo = ({ phase }: Operation, rate: number, at: number): number => Math.floor((phase + Math.floor(at * rate - phase)) / rate);
const firstAfter = ({ phase }: Operation, rate: number, at: number): number =>
  Math.ceil((phase + Math.floor(at * rate - phase) + 1) / rate);

/** Counts the handlers up to `to`: the CPU has been since the last time as it is now. */
export const passInterrupts = (life: CpuLife, rules: Rules, to: number): void => {
  const { operation } = life;
  if (operation === null || !rules.handlersCall) return;
  const from = operation.handledUntil;
  operation.handledUntil = to;
  for (const [batch, rate] of rules.handlerRates.entries()) {
    if (rate === 0) continue;
    const isOutgoing = versionOfHandler(life, operation, rules, batch) === operation.from;
    const at = isOutgoing ? lastUpTo(operation, rate, to) : firstAfter(operation, rate, from);
    if (at > from && at <= to) ran(operation, isOutgoing, at);
  }
};

/** The same over a gap that was leapt over, where handlers interrupt whoever runs: what is said of tasks is in `ranInGap`. */
export const leapInterrupts = (life: CpuLife, rules: Rules, from: number): void => {
  const { operation } = life;
  if (operation === null || !rules.handlersCall) return;
  if (rules.handlers !== "task") return passInterrupts(life, rules, life.now);
  operation.handledUntil = life.now;
  const isOutgoing = operation.idle.version === operation.from;
  for (const rate of rules.handlerRates) {
    const whileIdle = rate * rules.idleShare;
    if (whileIdle * (life.now - from) < 1) continue;
    ran(operation, isOutgoing, isOutgoing ? life.now - Math.round(1 / whileIdle) : from + Math.round(1 / whileIdle));
  }
};

/** The CPU's own flag goes over, at once, when the handlers so far have been counted: kGraft does so in a work item with interrupts off. */
export const turnFlag = (life: CpuLife, rules: Rules, target: number): void => {
  const { flag } = life.operation as Operation;
  if (rules.handlers !== "cpu" || flag.version === target) return;
  flag.version = target;
  flag.turns++;
};
