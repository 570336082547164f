// An actor does everything that it does itself so many times slower: a CPU that is throttled, or whose core others want as well.
//
// `slow cpu 4 x8`: the work before a packet leaves and every timer take 8 times as long, and packets are taken up one after the
// other, each after 7 times what an IPI inside a socket takes from send to handler, beside that time itself. Its tasks go on at their own pace:
// the workload is as long as it is. Packets leave in the order in which they were worked on, a repeated ack also behind the first.
import type { Actor } from "../../machine/machine.ts";
import { type Party, printParty, takeParty } from "../actors.ts";
import { take, takeClauses } from "../reader.ts";
import { printWindow, type Window, windowClauses } from "../window.ts";
import type { ConditionWord } from "../word.ts";

export interface Slow {
  readonly fault: "slow";
  readonly actor: Party;
  readonly factor: number;
  readonly window?: Window;
}

/** Three decimals, which print back; a thousandth of its speed is as good as standing still, for which there is `pause`. */
const factorOf = (word: string): number | undefined => {
  const match = /^x(\d{1,4}(?:\.\d{1,3})?)$/.exec(word);
  const factor = Number(match?.[1]);
  return match !== null && factor > 1 && factor <= 1000 ? factor : undefined;
};

export const slow: ConditionWord<Slow> = {
  help: "CPUs or the coordinator take several times as long to hear, to answer, and for their timers",
  example: "slow cpu 4 x8",
  read: (reader) => {
    const actor = takeParty(reader);
    const factor = take(reader, "a factor above 1 and up to 1000 (like x8)", factorOf);
    return { fault: "slow", actor, factor, ...takeClauses<Slow>(reader, windowClauses) };
  },
  print: ({ actor, factor, window }) => `slow ${printParty(actor)} x${factor}${printWindow(window)}`,
  effect: ({ factor }, { takeNs }) => {
    const busyUntil = new Map<Actor, number>();
    const leftAt = new Map<Actor, number>();
    return {
      takenAt: (actor, at) => {
        const taken = Math.max(at, busyUntil.get(actor) ?? 0) + Math.round((factor - 1) * takeNs);
        busyUntil.set(actor, taken);
        return taken;
      },
      workNs: (actor, at, ns) => {
        const leaves = Math.max(at + Math.round(factor * ns), leftAt.get(actor) ?? 0);
        leftAt.set(actor, leaves);
        return leaves - at;
      },
      timerNs: (ns) => Math.round(factor * ns),
    };
  },
};
