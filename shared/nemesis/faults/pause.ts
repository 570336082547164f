// An actor stands still for a while, as a virtual CPU does whose host runs something else, and then goes on as if nothing had been.
import { type Moment, momentClauses, momentHint, type Party, printMoment, printParty, takeParty } from "../actors.ts";
import { need, takeClauses } from "../reader.ts";
import { printDuration, takeDuration } from "../units.ts";
import type { ActorWord } from "../word.ts";

export interface Pause {
  readonly fault: "pause";
  readonly actor: Party;
  readonly when: Moment;
  readonly forNs: number;
}

export const pause: ActorWord<Pause> = {
  help: "CPUs or the coordinator stand still for a while",
  example: "pause cpu 2 at prepare for 10ms",
  read: (reader) => {
    const actor = takeParty(reader);
    const given = takeClauses<Pause>(reader, { ...momentClauses, for: (rest) => ({ forNs: takeDuration(rest) }) });
    return { fault: "pause", actor, when: need(reader, given.when, momentHint), forNs: need(reader, given.forNs, '"for DURATION"') };
  },
  print: ({ actor, when, forNs }) => `pause ${printParty(actor)} ${printMoment(when)} for ${printDuration(forNs)}`,
};
