// When to ask again: exponential backoff with jitter, capped.
import { type Random, uniform } from "../machine/random.ts";
import type { Resend } from "./setup.ts";

/** The pause before repetition number `tries` (from 0): between half and all of the doubled, capped interval. */
export const pause = (resend: Resend, tries: number, random: Random): number => {
  const whole = Math.min(resend.capNs, resend.firstNs * 2 ** Math.min(tries, 40));
  return Math.max(1, Math.round(whole * (0.5 + uniform(random) / 2)));
};
