// The faults of a plan as the driver keeps them: which of them come at a time, which have struck by now, and how often.
import { type ActorFaults, actorFaults, type Hit, type Spent } from "../../nemesis/actorFaults.ts";
import { type FaultCount, startCounts } from "../../nemesis/plan.ts";
import type { ActorFault, Fault } from "../../nemesis/registry.ts";
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
  private readonly faults: readonly Fault[];
  private readonly nemesis: ActorFaults;
  private readonly scheduledKeys = new Set<string>();
  private readonly waits: Waits;
  private readonly strike: Strike;

  /** `faults` may grow: whoever adds one says so. */
  constructor(faults: readonly Fault[], strike: Strike) {
    this.faults = faults;
    this.nemesis = actorFaults(faults);
    this.counts = startCounts(faults);
    this.strike = strike;
    this.waits = new Waits(strike.done);
  }

  /** Power is on. */
  begin(): void {
    this.schedule(0);
    for (const index of this.faults.keys()) this.scheduleOutage(index, 0);
  }

  /** One more fault has been added to those of the plan, `now` ns after power-on. */
  added(now: number): void {
    const index = this.faults.length - 1;
    const fault = this.faults[index] as Fault;
    this.nemesis.add(fault);
    this.counts.push(...startCounts([fault]));
    this.schedule(now);
    this.scheduleOutage(index, now);
  }

  private schedule(now: number): void {
    for (const hit of this.nemesis.scheduled()) {
      const { when } = hit.fault;
      const count = this.counts[hit.index] as FaultCount;
      count.matched++;
      this.scheduledKeys.add(keyOf(hit));
      this.waits.add(Math.max(0, ("atNs" in when ? when.atNs : 0) - now), () => this.attempt(hit));
    }
  }

  private scheduleOutage(index: number, now: number): void {
    const fault = this.faults[index];
    if (fault?.fault !== "outage") return;
    this.waits.add(Math.max(0, fault.window.fromNs - now), () => {
      const count = this.counts[index] as FaultCount;
      count.matched++;
      count.applied++;
      this.strike.server();
    });
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
    return this.faults[spent.index] as ActorFault;
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
