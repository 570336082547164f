// The order of everything that coordinators say: by term, then epoch, then round.
import type { Stamp } from "./messages.ts";

/** Negative if `a` is older than `b`, 0 if equal, positive if newer. */
export const compareStamps = (a: Stamp, b: Stamp): number => a.term - b.term || a.epoch - b.epoch || a.round - b.round;
