// What pages call things.
import { timeText } from "../../figure/numbers.ts";

/** Microseconds of the engine's clock; a dash for what did not happen. */
export const usText = (us: number | null | undefined): string => (us === null || us === undefined ? "–" : timeText(us * 1000));

/** In virtual time the same seed gives the same run; live the same plan, and another run. */
export const engineText = (engine: string): string => (engine === "virtual" ? "virtual time" : "live over NATS");
