// A plan: the faults of one run and the seed that they draw from, as data.
import { isProblem, parseFault, printFault } from "./grammar.ts";
import type { Problem } from "./reader.ts";
import type { Fault } from "./registry.ts";

export interface Plan {
  readonly seed: number;
  readonly faults: readonly Fault[];
}

/** The plan that the texts write, and everything that is wrong with them: without problems the plan is whole. */
export const planOf = (texts: readonly string[], seed: number): { readonly plan: Plan; readonly problems: readonly Problem[] } => {
  const faults: Fault[] = [];
  const problems: Problem[] = [];
  for (const text of texts) {
    const parsed = parseFault(text);
    if (isProblem(parsed)) problems.push(parsed);
    else faults.push(parsed);
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

/** Adds up what packets and actors, or several processes, counted of the same plan. */
export const addCounts = (a: readonly FaultCount[], b: readonly FaultCount[]): FaultCount[] =>
  a.map((row, index) => ({
    text: row.text,
    matched: row.matched + (b[index]?.matched ?? 0),
    applied: row.applied + (b[index]?.applied ?? 0),
  }));
