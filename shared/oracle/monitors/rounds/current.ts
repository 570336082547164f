// A round as the monitor of rounds knows it, and what may be missing from it.
import { filter, size } from "../../../machine/cpuSet.ts";
import { isSwitchAsk, type Phase, type Stamp } from "../../../protocol/messages.ts";
import type { FactOf } from "../../monitor.ts";
import type { Roster } from "../../roster.ts";

export type Asked = FactOf<"asked">;

/** The round that a term asked last. */
export interface Current {
  readonly asked: Asked;
  readonly size: number;
  /** How many CPUs had been lost when it was asked. */
  readonly losses: number;
  /** CPUs that announced what this round is for. */
  answers: number;
  ended: boolean;
  /** An abort was decided since: nobody waits for it any more. */
  cut: boolean;
  acks: number;
}

/** Tells rounds apart in the marks of CPUs, whatever was asked first. Exact up to 2^21 terms and 2^16 epochs and rounds. */
export const serialOf = ({ term, epoch, round }: Stamp): number => (term * 2 ** 16 + epoch) * 2 ** 16 + round;

export const nameOf = ({ ask, round, epoch, term }: Asked): string => `${ask.do} (round ${round} of epoch ${epoch}, term ${term})`;

/** Of a stop, before the decision: nobody may be missing. */
export const isEarly = (phase: Phase): boolean => phase === "gather" || phase === "prepare" || phase === "disable-irq";

/** The last that a CPU hears of an epoch before it leaves it. */
export const isLast = (phase: Phase): boolean => phase === "exit" || phase === "complete" || phase === "cancel";

/** Each CPU that acks such a round announces something in it. */
export const isShown = ({ ask }: Asked): boolean => isEarly(ask.do) || ask.do === "poke" || isSwitchAsk(ask);

/** Where nobody may be missing for another reason, whoever has not acked must be dead. */
export const judgeShortfall = ({ asked, acks, size: asks, losses }: Current, roster: Roster, say: (reason: string) => void): void => {
  if (asked.epoch !== roster.epoch || acks >= asks) return;
  const dead = size(filter(asked.of, (cpu) => roster.isLostSince(cpu, losses)));
  if (acks + dead < asks) say(`${acks} acks of ${asked.ask.do} from ${asks} CPUs, ${dead} of them dead`);
};
