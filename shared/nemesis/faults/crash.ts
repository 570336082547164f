// An actor dies with all that it knew, and perhaps starts again as a new incarnation or life.
import { type Moment, momentClauses, momentHint, type Party, printMoment, printParty, takeParty } from "../actors.ts";
import { need, takeClauses, takeOneOf } from "../reader.ts";
import { printDuration, takeDuration } from "../units.ts";
import type { ActorWord } from "../word.ts";

export interface Crash {
  readonly fault: "crash";
  readonly actor: Party;
  readonly when: Moment;
  /** Without it, it stays dead. */
  readonly restartAfterNs?: number;
}

export const crash: ActorWord<Crash> = {
  help: "CPUs or the coordinator die and, with `restart after`, start again",
  example: "crash cpu 2 at disable-irq restart after 5ms",
  read: (reader) => {
    const actor = takeParty(reader);
    const given = takeClauses<Crash>(reader, {
      ...momentClauses,
      restart: (rest) => {
        takeOneOf(rest, "word", ["after"]);
        return { restartAfterNs: takeDuration(rest) };
      },
    });
    return { fault: "crash", actor, ...given, when: need(reader, given.when, momentHint) };
  },
  print: ({ actor, when, restartAfterNs }) =>
    `crash ${printParty(actor)} ${printMoment(when)}${restartAfterNs === undefined ? "" : ` restart after ${printDuration(restartAfterNs)}`}`,
};
