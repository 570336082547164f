// The actor faults of a plan at work: says whom one strikes now. The engine does it, and says that it did.
//
// At a phase, a fault strikes each CPU that it names the first time in the run that this CPU is asked for the phase, before the
// CPU acts on it. `coordinator` is struck once in the run: the first life that asks for the phase, before any of it is sent.
// In a live run a life that runs beside it may ask for the phase before it hears of that, and is then struck as well.
import { forEach } from "../machine/cpuSet.ts";
import { type Actor, isCoordinator } from "../machine/machine.ts";
import type { Phase } from "../protocol/messages.ts";
import { isOf } from "./actors.ts";
import { type FaultCount, startCounts } from "./plan.ts";
import { type ActorFault, type Fault, isActorFault } from "./registry.ts";

/** One fault that befalls one actor. */
export interface Hit {
  readonly fault: ActorFault;
  /** The place of the fault in the plan. */
  readonly index: number;
  /** A CPU, or whichever life of the coordinator it is. */
  readonly actor: number | "coordinator";
}

export interface ActorFaults {
  /** What strikes `actor` as `phase` reaches it (a CPU) or is about to be asked by it (a coordinator). */
  readonly onPhase: (actor: Actor, phase: Phase) => readonly Hit[];
  /** What strikes at a time (`fault.when.atNs`), in the order of the plan; asked again, only what has been added since. */
  readonly scheduled: () => readonly Hit[];
  /** One more fault, after all others. */
  readonly add: (fault: Fault) => void;
  /** The engine has carried the hit out. One that it could not (the actor was dead already) stays unapplied. */
  readonly applied: (hit: Hit) => void;
  /** Another process was struck by what names every life of its actor: nobody here is struck by it any more. */
  readonly spend: (spent: Spent) => void;
  /** From here on nothing strikes at a phase any more. */
  readonly heal: () => void;
  /** Matched: hits handed out. Applied: hits carried out. */
  readonly counts: () => readonly FaultCount[];
}

/** What tells hits apart; plain data, so that it can be handed to another process. */
export type Spent = Pick<Hit, "index" | "actor">;

const nobody: readonly Hit[] = [];

const keyOf = ({ index, actor }: Spent): string => `${index} ${actor}`;

/** `spent` are the hits of earlier in the run: a process that starts again would otherwise be struck by the same one for ever. */
export const actorFaults = (faults: readonly Fault[], spent: readonly Spent[] = []): ActorFaults => {
  const counts: FaultCount[] = [];
  const struck = new Set(spent.map(keyOf));
  const all: Array<Pick<Hit, "fault" | "index">> = [];
  let waiting: typeof all = [];

  const strike = (hit: Hit): readonly Hit[] => {
    if (struck.has(keyOf(hit))) return [];
    struck.add(keyOf(hit));
    (counts[hit.index] as FaultCount).matched++;
    return [hit];
  };

  const add = (fault: Fault): void => {
    const index = counts.push(...startCounts([fault])) - 1;
    if (!isActorFault(fault)) return;
    all.push({ fault, index });
    if ("phase" in fault.when) waiting.push({ fault, index });
  };
  for (const fault of faults) add(fault);

  return {
    add,
    onPhase: (actor, phase) => {
      if (waiting.length === 0) return nobody;
      return waiting.flatMap(({ fault, index }) => {
        if (!("phase" in fault.when) || fault.when.phase !== phase || !isOf(fault.actor, actor)) return [];
        return strike({ fault, index, actor: isCoordinator(actor) ? "coordinator" : actor });
      });
    },
    scheduled: () => {
      const hits: Hit[] = [];
      for (const { fault, index } of all) {
        if (!("atNs" in fault.when)) continue;
        if (fault.actor === "coordinator") hits.push(...strike({ fault, index, actor: "coordinator" }));
        else forEach(fault.actor, (actor) => hits.push(...strike({ fault, index, actor })));
      }
      return hits;
    },
    applied: (hit) => {
      (counts[hit.index] as FaultCount).applied++;
    },
    spend: (spent) => {
      struck.add(keyOf(spent));
    },
    heal: () => {
      waiting = [];
    },
    counts: () => counts,
  };
};
