// What a CPU is at as the page shows it: the states of every display, and one more for what it has not heard, or could not keep.
import { cpuStates } from "../report/cpuStates.ts";

/** Those of `cpuStates` at the places that they have there. */
export const pageStates = [...cpuStates, "unknown"] as const;
export type PageState = (typeof pageStates)[number];

export const codeOf = (state: PageState): number => pageStates.indexOf(state);
