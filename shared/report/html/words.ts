// Numbers as a page prints them.
import { timeText } from "../../figure/timeAxis.ts";

/** Microseconds of the engine's clock; a dash for what did not happen. */
export const usText = (us: number | null | undefined): string => (us === null || us === undefined ? "–" : timeText(us * 1000));

export const countText = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, " ");

export const shareText = (share: number): string => {
  const percent = 100 * share;
  return `${percent === 0 || percent >= 10 ? percent.toFixed(percent === 100 || percent === 0 ? 0 : 1) : percent.toPrecision(2)} %`;
};

export const plural = (count: number, what: string): string => `${countText(count)} ${what}${count === 1 ? "" : "s"}`;

/** In virtual time the same seed gives the same run; live the same plan, and another run. */
export const engineText = (engine: string): string => (engine === "virtual" ? "virtual time" : "live over NATS");
