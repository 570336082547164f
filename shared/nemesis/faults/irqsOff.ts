// A CPU has interrupts off now and then, as under firmware that takes it away: no packet is taken up before the end of such a window.
//
// The windows stand at fixed times: the first at the start of the run or of the fault's own window. What comes meanwhile is taken up
// at the end, in the order in which it came. Timers and the CPU's own work go on. Beside them are the sections with interrupts off of
// the workload's drivers, which a CPU has only outside of stops.
import type { CpuSet } from "../../machine/cpuSet.ts";
import { printParty, takeCpus } from "../actors.ts";
import { fail, need, takeClauses } from "../reader.ts";
import { printDuration, takeSomeTime } from "../units.ts";
import { printWindow, type Window, windowClauses } from "../window.ts";
import type { ConditionWord } from "../word.ts";

export interface IrqsOff {
  readonly fault: "irqs-off";
  readonly actor: CpuSet;
  /** From the start of one window to that of the next. */
  readonly everyNs: number;
  readonly forNs: number;
  readonly window?: Window;
}

export const irqsOff: ConditionWord<IrqsOff> = {
  help: "CPUs have interrupts off again and again: packets wait for the end of it",
  example: "irqs-off cpu 1 every 2ms for 300us",
  read: (reader) => {
    const actor = takeCpus(reader);
    const given = takeClauses<IrqsOff>(reader, {
      ...windowClauses,
      every: (rest) => ({ everyNs: takeSomeTime(rest) }),
      for: (rest) => ({ forNs: takeSomeTime(rest) }),
    });
    const everyNs = need(reader, given.everyNs, '"every DURATION"');
    const forNs = need(reader, given.forNs, '"for DURATION"');
    if (forNs >= everyNs) fail(reader, () => `${printDuration(forNs)} every ${printDuration(everyNs)} leave no time with interrupts on`);
    return { fault: "irqs-off", actor, ...given, everyNs, forNs };
  },
  print: ({ actor, everyNs, forNs, window }) =>
    `irqs-off ${printParty(actor)} every ${printDuration(everyNs)} for ${printDuration(forNs)}${printWindow(window)}`,
  effect: ({ everyNs, forNs, window }) => ({
    takenAt: (_, at) => {
      const into = (at - (window?.fromNs ?? 0)) % everyNs;
      return into < forNs ? at - into + forNs : at;
    },
  }),
};
