// Expected and achieved calls between CPUs, in words.
import { printRate } from "../load/rate.ts";

interface Called {
  readonly planned: number;
  readonly ended: number;
  readonly perSecond: number;
  readonly plannedPerSecond: number;
}

/** Of fewer the share says nothing: one run of a default workload plans none at all. */
const enoughCalls = 20;

/** Null where too few were planned to tell. */
export const callsText = (calls: Called | undefined): string | null => {
  if (calls === undefined || calls.planned < enoughCalls) return null;
  const { ended, planned, perSecond, plannedPerSecond } = calls;
  const threeDigits = (value: number): number => Number(value.toPrecision(3));
  const rate = (value: number): string => printRate(threeDigits(value));
  return `${rate(perSecond)} ended, of ${rate(plannedPerSecond)} expected (${threeDigits((100 * ended) / planned)} %)`;
};
