// An actor's clock runs fast or slow: its timers come too early or too late. What it works on takes as long as ever.
import { type Party, printParty, takeParty } from "../actors.ts";
import { take, takeClauses } from "../reader.ts";
import { printWindow, type Window, windowClauses } from "../window.ts";
import type { ConditionWord } from "../word.ts";

export interface Drift {
  readonly fault: "drift";
  readonly actor: Party;
  /** Parts per million by which its clock is ahead of others' after a while; below 0 it falls behind. */
  readonly ppm: number;
  readonly window?: Window;
}

/** Beyond this a clock would stand still. */
const mostPpm = 900_000;

const ppmOf = (word: string): number | undefined => {
  const match = /^([+-]\d{1,6})ppm$/.exec(word);
  const ppm = Number(match?.[1]);
  return match !== null && ppm !== 0 && Math.abs(ppm) <= mostPpm ? ppm : undefined;
};

export const drift: ConditionWord<Drift> = {
  help: "the clocks of CPUs or of the coordinator run fast or slow, and their timers with them",
  example: "drift cpu 3 +200ppm",
  read: (reader) => {
    const actor = takeParty(reader);
    const ppm = take(reader, `a drift up to ${mostPpm}ppm (like +200ppm or -50ppm)`, ppmOf);
    return { fault: "drift", actor, ppm, ...takeClauses<Drift>(reader, windowClauses) };
  },
  print: ({ actor, ppm, window }) => `drift ${printParty(actor)} ${ppm > 0 ? "+" : ""}${ppm}ppm${printWindow(window)}`,
  effect: ({ ppm }) => ({
    // A timer that waits for something comes a little early on a fast clock and is set again: so never for no time at all.
    timerNs: (ns) => (ns === 0 ? 0 : Math.max(1, Math.round(ns / (1 + ppm / 1e6)))),
  }),
};
