// The lasting faults of a plan at work: when an actor takes up what reaches it, and how long its work and its timers take.
//
// An engine asks here whenever it is about to hand a packet to an actor, to let one leave that its sender works on, or to set a timer.
// Both engines ask the same, so that a lasting fault means the same in both.
import type { Actor } from "../machine/machine.ts";
import { isOf } from "./actors.ts";
import type { Costs, Effect, Lasting } from "./condition.ts";
import { type FaultCount, startCounts } from "./plan.ts";
import { conditionWord, type Fault, isConditionFault } from "./registry.ts";
import { isWithin } from "./window.ts";

export interface Conditions {
  /** True if nothing lasts, now and later: an engine need not ask then. */
  readonly none: boolean;
  readonly takenAt: (actor: Actor, at: number) => number;
  readonly workNs: (actor: Actor, at: number, ns: number) => number;
  readonly timerNs: (actor: Actor, at: number, ns: number) => number;
  /** One more fault, after all others. */
  readonly add: (fault: Fault) => void;
  /** From here on nothing is put off or stretched. What was before stays so. */
  readonly heal: () => void;
  /** Matched: how often a fault was asked about an actor of its own while it lasted. Applied: how often that made a difference. */
  readonly counts: () => readonly FaultCount[];
}

interface AtWork {
  readonly fault: Lasting;
  readonly effect: Effect;
  readonly count: FaultCount;
}

export const conditions = (faults: readonly Fault[], costs: Costs): Conditions => {
  const counts: FaultCount[] = [];
  const all: AtWork[] = [];

  /** Lets every fault that lasts for the actor change the value, in the order of the plan. */
  const change = (actor: Actor, at: number, value: number, by: (effect: Effect, value: number) => number | undefined): number => {
    let changed = value;
    for (const { fault, effect, count } of all) {
      if (!isOf(fault.actor, actor) || !isWithin(fault.window, at)) continue;
      const next = by(effect, changed);
      if (next === undefined) continue;
      count.matched++;
      if (next !== changed) count.applied++;
      changed = next;
    }
    return changed;
  };

  const atWork: { -readonly [Member in keyof Conditions]: Conditions[Member] } = {
    // A plain value, for it is asked for each packet.
    none: true,
    add: (fault) => {
      const [count] = startCounts([fault]) as [FaultCount];
      counts.push(count);
      if (isConditionFault(fault)) all.push({ fault, effect: conditionWord(fault).effect(fault, costs), count });
      atWork.none = all.length === 0;
    },
    takenAt: (actor, at) => change(actor, at, at, (effect, time) => effect.takenAt?.(actor, time)),
    workNs: (actor, at, ns) => change(actor, at, ns, (effect, work) => effect.workNs?.(actor, at, work)),
    timerNs: (actor, at, ns) => change(actor, at, ns, (effect, wait) => effect.timerNs?.(wait)),
    heal: () => {
      all.length = 0;
      atWork.none = true;
    },
    counts: () => counts,
  };
  for (const fault of faults) atWork.add(fault);
  return atWork;
};
