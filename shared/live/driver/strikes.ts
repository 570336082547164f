// The faults of a plan as the driver keeps them: which of them come at a time, which have struck by now, and how often.
import { actorFaults, type Hit, type Spent } from "../../nemesis/actorFaults.ts";
import type { FaultCount, Plan } from "../../nemesis/plan.ts";
import type { ActorFault } from "../../nemesis/registry.ts";
import { Waits } from "./waits.ts";

/** Between two looks for somebody who is about to start again. */
const lookNs = 10e6;

/** What the driver does when a fault's time has come. */
export interface Strike {
  /** False if its actor is not there now but will be: then it is asked again. */
  readonly actor: (hit: Hit) => boolean;
  /** Ends the NATS server, if that is the run's own. */
  readonly server: () => void;
  /** After each of them. */
  readonly done: () => void;
}

const keyOf = ({ index, actor }: Spent): string => `${index} ${actor}`;

export class Strikes {
  /** Hits that must not be repeated by processes that start later. */
  readonly spent: Spent[] = [];
  readonly counts: FaultCount[];
  private readonly plan: Plan;
  private readonly scheduled: readonly Hit[];
  private readonly scheduledKeys: ReadonlySet<string>;
  private readonly waits: Waits;
  private readonly strike: Strike;

  constructor(plan: Plan, strike: Strike) {
    const nemesis = actorFaults(plan.faults);
    this.plan = plan;
    this.scheduled = nemesis.scheduled();
    this.scheduledKeys = new Set(this.scheduled.map(keyOf));
    this.counts = nemesis.counts().map((count) => ({ ...count }));
    this.strike = strike;
    this.waits = new Waits(strike.done);
  }

  /** Power is on. */
  begin(): void {
    for (const hit of this.scheduled) {
      const { when } = hit.fault;
      this.waits.add("atNs" in when ? when.atNs : 0, () => this.attempt(hit));
    }
    for (const [index, fault] of this.plan.faults.entries()) {
      if (fault.fault !== "outage") continue;
      this.waits.add(fault.window.fromNs, () => {
        const count = this.counts[index] as FaultCount;
        count.matched++;
        count.applied++;
        this.strike.server();
      });
    }
  }

  private attempt(hit: Hit): void {
    if (!this.strike.actor(hit)) this.waits.add(lookNs, () => this.attempt(hit));
  }

  /** Notes that one has struck. */
  note(spent: Spent): ActorFault {
    const count = this.counts[spent.index] as FaultCount;
    if (!this.isScheduled(spent)) count.matched++;
    count.applied++;
    this.spent.push(spent);
    return this.plan.faults[spent.index] as ActorFault;
  }

  isScheduled(spent: Spent): boolean {
    return this.scheduledKeys.has(keyOf(spent));
  }

  /** How many are still to come. */
  get size(): number {
    return this.waits.size;
  }

  cancel(): void {
    this.waits.cancel();
  }
}
