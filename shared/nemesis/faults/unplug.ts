// A CPU leaves the machine in good order, and perhaps comes back as a new incarnation.
//
// It is gone as after a crash, but everyone knows at once. Hotplug waits for the end of a stop (C1): a CPU that takes part in one when
// the fault strikes leaves when that is over for it. A transition does not keep it.
import type { CpuSet } from "../../machine/cpuSet.ts";
import { type Moment, momentClauses, momentHint, printMoment, printParty, takeCpus } from "../actors.ts";
import { need, takeClauses, takeOneOf } from "../reader.ts";
import { printDuration, takeDuration } from "../units.ts";
import type { ActorWord } from "../word.ts";

export interface Unplug {
  readonly fault: "unplug";
  readonly actor: CpuSet;
  readonly when: Moment;
  /** Without it, it stays away. */
  readonly restartAfterNs?: number;
}

export const unplug: ActorWord<Unplug> = {
  help: "CPUs leave in good order, after a stop that they take part in, and with `replug after` come back",
  example: "unplug cpu 2 at prepare replug after 5ms",
  read: (reader) => {
    const actor = takeCpus(reader);
    const given = takeClauses<Unplug>(reader, {
      ...momentClauses,
      replug: (rest) => {
        takeOneOf(rest, "word", ["after"]);
        return { restartAfterNs: takeDuration(rest) };
      },
    });
    return { fault: "unplug", actor, ...given, when: need(reader, given.when, momentHint) };
  },
  print: ({ actor, when, restartAfterNs }) =>
    `unplug ${printParty(actor)} ${printMoment(when)}${restartAfterNs === undefined ? "" : ` replug after ${printDuration(restartAfterNs)}`}`,
};
