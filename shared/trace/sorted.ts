// Moments kept until the end, for formats whose lines stand in another order than the journal's.
import { traceLimits } from "./format.ts";
import type { Moment } from "./moment.ts";

export class Sorted {
  private readonly moments: Moment[] = [];
  private omitted = 0;

  readonly take = (moment: Moment): void => {
    if (this.moments.length < traceLimits.sortedMoments) this.moments.push(moment);
    else this.omitted++;
  };

  readonly leftOut = (): number => this.omitted;

  /** Of equals the one that the journal has first comes first. */
  by(compare: (a: Moment, b: Moment) => number): readonly Moment[] {
    return this.moments.toSorted(compare);
  }
}

export const byTime = (a: Moment, b: Moment): number => a.at - b.at;

/** A message that never arrived is told right after its sending. */
export const byClock = (a: Moment, b: Moment): number => a.clock - b.clock || a.actor - b.actor || a.at - b.at;
