// What can be counted at each moment of a run: acks that are missing, CPUs that are stopped, tasks that have not switched.
import { type CpuSet, filter, forEach, has, toArray } from "../machine/cpuSet.ts";
import type { Actor } from "../machine/machine.ts";
import type { Fact } from "../protocol/facts.ts";
import type { Ack } from "../protocol/messages.ts";
import type { CpuState } from "../report/cpuStates.ts";
import type { Moment } from "./moment.ts";

export const countNames = ["acks missing", "CPUs stopped", "tasks pending"] as const;
export type CountName = (typeof countNames)[number];

const stopped: ReadonlySet<CpuState> = new Set(["stopped", "irqs off"]);

/** Of the newest round, and of the CPUs that are shown: `cpus`. */
export class Counts {
  private readonly cpus: CpuSet;
  readonly values: Record<CountName, number> = { "acks missing": 0, "CPUs stopped": 0, "tasks pending": 0 };
  private round: { readonly epoch: number; readonly round: number; readonly missing: Set<number> } | null = null;
  private readonly stopped = new Set<Actor>();
  private readonly pending = new Map<Actor, number>();

  constructor(cpus: CpuSet) {
    this.cpus = cpus;
  }

  take(moment: Moment): void {
    if (moment.is === "fact") this.fact(moment.fact, moment.actor);
    else if (moment.is === "arrived" && moment.msg.kind === "ack") this.ack(moment.msg);
    else if (moment.is === "state") {
      if (stopped.has(moment.state)) this.stopped.add(moment.actor);
      else this.stopped.delete(moment.actor);
      this.values["CPUs stopped"] = this.stopped.size;
      // A CPU takes its tasks along when it dies, and has none left to switch when it goes on.
      if (moment.state !== "switching") this.setPending(moment.actor, 0);
    }
  }

  private fact(fact: Fact, actor: Actor): void {
    if (fact.fact === "asked") {
      const { epoch, round, of } = fact;
      this.round = { epoch, round, missing: new Set(toArray(filter(of, (cpu) => has(this.cpus, cpu)))) };
      this.values["acks missing"] = this.round.missing.size;
    } else if (fact.fact === "round-ended" || fact.fact === "closed") {
      this.round = null;
      this.values["acks missing"] = 0;
    } else if (fact.fact === "switched") this.setPending(actor, fact.pending);
  }

  private ack({ epoch, round, cpus }: Ack): void {
    if (this.round === null || epoch !== this.round.epoch || round !== this.round.round) return;
    const { missing } = this.round;
    forEach(cpus, (cpu) => missing.delete(cpu));
    this.values["acks missing"] = missing.size;
  }

  private setPending(actor: Actor, count: number): void {
    this.values["tasks pending"] += count - (this.pending.get(actor) ?? 0);
    if (count > 0) this.pending.set(actor, count);
    else this.pending.delete(actor);
  }
}
