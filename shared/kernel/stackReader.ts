// What a stack reader makes of a task's stack: it may stop short, miss a frame, or take a stale word for a return address.
//
// A reliable reader (Documentation/livepatch/reliable-stacktrace.rst) knows when it stopped short; one that does its best takes the
// frames that it has for all there are (kpatch's kmod/core/core.c); a scan of every word (Ksplice) needs no unwinder, and meets what
// returned functions left behind. It begins with the saved instruction pointer, which is the innermost function, and counts the function
// by which an interrupted call is made again as well, though the task has left the kernel.
import { below, uniform } from "../machine/random.ts";
import type { CpuLife } from "./cpuLife.ts";
import type { Blocker } from "./life.ts";
import type { PatchedCall, Rules } from "./rules.ts";
import { blockerOf, calledOf, depthOf, nameOf, patchedOnWay, routeOf, spinner, waitingIn, wayOf } from "./stack.ts";
import { inKernel, type Task } from "./task.ts";

/** Why a task may not switch, as its reader sees it: what a `Blocker` says, but for the name of the task. */
export type Verdict = Omit<Blocker, "task">;

/** What the model's reader finds against the task: an outgoing function (of one batch, if named) on its stack, or null. Draws anew. */
export const conflictOf = (life: CpuLife, rules: Rules, task: Task, batch: number | null): Verdict | null => {
  const way = wayOf(task, rules.program);
  const depth = depthOf(task, way);
  const { reader, forced } = rules.check as NonNullable<Rules["check"]>;
  const counts = (call: PatchedCall): boolean => !(forced && call.forced) && (batch === null || call.batch === batch);
  if (depth === 0) return reader === "words" ? conflictWith(madeAgainBy(task, rules, counts)) : null;
  const outgoing = patchedOnWay(way, rules).filter(counts);
  if (reader === "words") return conflictWith(scanned(life, rules, outgoing, depth, calledOf(task, way)));
  const failed = chance(life, rules.stackReader.fails);
  if (failed && reader === "reliable") return { function: waitingIn(task, rules.program), why: "stack not reliable" };
  // Frames are read from the innermost outward.
  const outermostRead = failed ? depth - below(life.random, depth) : 0;
  return conflictWith(
    outgoing.findLast(({ position }) => position < depth && position >= outermostRead && !chance(life, rules.stackReader.misses)),
  );
};

const conflictWith = (call: PatchedCall | undefined): Verdict | null =>
  call === undefined ? null : { function: call.name, why: "patched function on its stack" };

/** The entry of the call that the task will make again as it is let go, if that is outgoing. */
const madeAgainBy = (task: Task, rules: Rules, counts: (call: PatchedCall) => boolean): PatchedCall | undefined =>
  task.mode === "held" && task.restart
    ? patchedOnWay(routeOf(task, rules.program), rules).find((call) => call.position === 0 && counts(call))
    : undefined;

/** A rate of nothing draws nothing: a life without errors is the same whatever reads it. */
const chance = (life: CpuLife, rate: number): boolean => rate > 0 && uniform(life.random) < rate;

const scanned = (life: CpuLife, rules: Rules, outgoing: readonly PatchedCall[], depth: number, called: number): PatchedCall | undefined =>
  outgoing.findLast(({ position }) => position < depth) ??
  outgoing.find(({ position }) => position >= depth && position < called && chance(life, rules.stackReader.stale));

/** Every task that breaks the model's leave condition. */
export const busyOf = (life: CpuLife, rules: Rules): readonly Blocker[] => {
  if (rules.leave === "function") return [];
  if (rules.leave === "patched-set") {
    return life.tasks.flatMap((task, index) => {
      const verdict = conflictOf(life, rules, task, null);
      return verdict === null ? [] : [{ task: nameOf(rules.program, index), ...verdict }];
    });
  }
  const blockers: Blocker[] = life.spinning ? [spinner(life, rules.program)] : [];
  life.tasks.forEach((task, index) => {
    if (inKernel(task)) blockers.push(blockerOf(life, rules.program, index));
  });
  return blockers;
};
