// What a process keeps of each of its actors: one life of a coordinator, or lives of CPUs that nothing tells apart.
import { type CpuSet, lowest, noCpus, toArray } from "../../machine/cpuSet.ts";
import { type Actor, coordinatorActor } from "../../machine/machine.ts";
import type { Hit } from "../../nemesis/actorFaults.ts";
import { Cohort } from "../../protocol/cpu/cohort.ts";
import { outputOf } from "../../protocol/cpu/likeness.ts";
import type { ActorLife } from "../../protocol/machines.ts";
import type { Phase } from "../../protocol/messages.ts";
import type { AnyInput, AnyOutput } from "../../protocol/observer.ts";

export class Living {
  readonly incarnation: number;
  /** A step answers null where those of several CPUs would differ: nothing has happened then. */
  readonly machine: ActorLife | Cohort;
  phase: Phase | undefined = undefined;
  /** Never goes back: a timer within a turn may have taken the actor a little ahead of the clock. */
  at = 0;
  pausedUntil = 0;
  /** What came while it was paused, in order. */
  readonly heldBack: AnyInput[] = [];
  /** Packets that it has yet to take up, being slow or having interrupts off, in the order in which it will; `at` is when. */
  readonly untaken: AnyInput[] = [];
  /** Strikes that come when it has taken its step, or later. */
  pending: readonly Hit[] = [];

  /** An actor that has not taken its first step yet. */
  constructor(incarnation: number, machine: Living["machine"]) {
    this.incarnation = incarnation;
    this.machine = machine;
  }

  /** None of a coordinator. */
  get cpus(): CpuSet {
    return this.machine instanceof Cohort ? this.machine.cpus : noCpus;
  }

  /** A coordinator, or the lowest of the CPUs. */
  get actor(): Actor {
    return this.machine instanceof Cohort ? lowest(this.machine.cpus) : coordinatorActor(this.incarnation);
  }

  /** True while something has befallen it, or is about to, that would not befall others that it were one with. */
  get isStruck(): boolean {
    return this.pausedUntil > 0 || this.heldBack.length > 0 || this.untaken.length > 0 || this.pending.length > 0;
  }

  /** True of several CPUs. */
  get isMany(): boolean {
    const { cpus } = this;
    return cpus.length > 0 && cpus[0] !== cpus.at(-1);
  }
}

type Send = AnyOutput & { readonly kind: "send" };

/** A packet, and who says it. */
export interface Said {
  readonly from: Actor;
  readonly output: Send;
}

/** What is said when the first of them says this: the acks of CPUs that take the same step are one, for the set of them. */
export const saidBy = (one: Living, output: Send): readonly Said[] => {
  const { actor, cpus } = one;
  if (!one.isMany) return [{ from: actor, output }];
  const { to, msg } = output;
  if (to === "coordinators" && msg.kind === "ack") return [{ from: actor, output: { ...output, msg: { ...msg, cpus } } }];
  return toArray(cpus).map((cpu) => ({ from: cpu, output: outputOf(output, actor, cpu) as Send }));
};
