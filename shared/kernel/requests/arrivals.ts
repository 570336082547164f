// The arrivals of one CPU, one after another: a place in the plan is plain data, and the same plan gives the same times for ever.
import { exponential, type Random, stream, uniform } from "../../machine/random.ts";
import type { ArrivalPlan, Load } from "./plan.ts";

/** A place in the arrivals of one CPU: before the one that comes next. */
export interface Cursor {
  readonly cpu: number;
  readonly random: Random;
  /** How many have come before: the number of the next one, from 0. */
  n: number;
  /** When the next one arrives, in ns of the engine's clock; Infinity if none does. */
  nextAt: number;
  /** Where a Poisson stream has come to, in ns from the beginning of the plan; of bursts, the time off left out. */
  position: number;
}

/** Whose arrivals are drawn. Every life of a CPU, and whoever checks its books, draws the same. */
export interface ArrivalSource {
  readonly load: Load;
  readonly cpus: number;
  readonly seed: number;
}

/** Before the first arrival of a CPU. */
export const firstArrival = (source: ArrivalSource, cpu: number): Cursor => {
  const cursor = { cpu, random: stream(source.seed, `arrivals${cpu}`), n: 0, nextAt: 0, position: 0 };
  draw(cursor, source);
  return cursor;
};

/** Goes past the next arrival. */
export const passArrival = (cursor: Cursor, source: ArrivalSource): void => {
  cursor.n++;
  draw(cursor, source);
};

/** Goes past every arrival up to `to`, that moment included. */
export const passUntil = (cursor: Cursor, source: ArrivalSource, to: number): void => {
  while (cursor.nextAt <= to) passArrival(cursor, source);
};

export const copyCursor = (cursor: Cursor): Cursor => ({ ...cursor, random: { ...cursor.random } });

const draw = (cursor: Cursor, { load, cpus }: ArrivalSource): void => {
  cursor.nextAt = load.fromNs + Math.round(offsetOf(cursor, load.arrivals, cpus));
};

/** When the next one arrives, in ns from the beginning of the plan. */
const offsetOf = (cursor: Cursor, plan: ArrivalPlan, cpus: number): number => {
  const turn = cursor.n * cpus + cursor.cpu;
  switch (plan.kind) {
    case "constant":
      return (turn * 1e9) / plan.perSecond;
    case "recorded":
      return plan.timesNs[turn] ?? Infinity;
    case "poisson":
      cursor.position += exponential(cursor.random, meanGapNs(plan, cpus));
      return cursor.position;
    case "bursts": {
      const cycleNs = plan.onNs + plan.offNs;
      cursor.position += (exponential(cursor.random, meanGapNs(plan, cpus)) * plan.onNs) / cycleNs;
      return Math.floor(cursor.position / plan.onNs) * cycleNs + (cursor.position % plan.onNs);
    }
    case "diurnal":
      return nextOfSine(cursor, plan, cpus);
  }
};

const meanGapNs = ({ perSecond }: { readonly perSecond: number }, cpus: number): number => (cpus * 1e9) / perSecond;

/** By thinning: drawn at the highest rate, and kept with the share of it that holds then (Lewis and Shedler, 1979). */
const nextOfSine = (cursor: Cursor, plan: ArrivalPlan & { kind: "diurnal" }, cpus: number): number => {
  const highest = 1 + plan.swing;
  for (;;) {
    cursor.position += exponential(cursor.random, meanGapNs(plan, cpus) / highest);
    const now = 1 + plan.swing * Math.sin((2 * Math.PI * cursor.position) / plan.everyNs);
    if (uniform(cursor.random) * highest <= now) return cursor.position;
  }
};
