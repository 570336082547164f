// A plan: the faults of one run and the seed that they draw from, as data.
import { isProblem, parseFault, printFault } from "./grammar.ts";
import type { Problem } from "./reader.ts";
import type { Fault } from "./registry.ts";

export interface Plan {
  readonly seed: number;
  readonly faults: readonly Fault[];
}

/** A share of 0% is no fault at all. It is no part of the plan: it matches, draws and counts nothing, and nobody misses its effect. */
const isAbsent = (fault: Fault): boolean =>
  "share" in fault && fault.share !== undefined && "percent" in fault.share && fault.share.percent === 0;

/** The plan that the texts write, and everything that is wrong with them: without problems the plan is whole. */
export const planOf = (texts: readonly string[], seed: number): { readonly plan: Plan; readonly problems: readonly Problem[] } => {
  const faults: Fault[] = [];
  const problems: Problem[] = [];
  for (const text of texts) {
    const parsed = parseFault(text);
    if (isProblem(parsed)) problems.push(parsed);
    else if (!isAbsent(parsed)) faults.push(parsed);
  }
  return { plan: { seed, faults }, problems };
};

/** How often a fault of a plan could have struck, and how often it did: never means that the run proved nothing about it. */
export interface FaultCount {
  readonly text: string;
  matched: number;
  applied: number;
}

/** A row for each fault, in the order of the plan, whoever counts it: what several count is added row by row. */
export const startCounts = (faults: readonly Fault[]): FaultCount[] =>
  faults.map((fault) => ({ text: printFault(fault), matched: 0, applied: 0 }));

/** Adds up what packets, actors and conditions, or several processes, counted of the same plan. */
export const addCounts = (first: readonly FaultCount[], ...more: ReadonlyArray<readonly FaultCount[]>): FaultCount[] =>
  first.map(({ text, matched, applied }, index) => {
    const sum = { text, matched, applied };
    for (const counts of more) {
      sum.matched += counts[index]?.matched ?? 0;
      sum.applied += counts[index]?.applied ?? 0;
    }
    return sum;
  });
