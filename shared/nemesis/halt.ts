// How it is written that an actor stands still for a while, whoever makes it.
import { momentClauses, momentHint, printMoment, printParty, type Strike, takeParty } from "./actors.ts";
import { need, type Reader, takeClauses } from "./reader.ts";
import { printDuration, takeDuration } from "./units.ts";

export interface Halt extends Strike {
  readonly forNs: number;
}

export const readHalt = (reader: Reader): Halt => {
  const actor = takeParty(reader);
  const given = takeClauses<Halt>(reader, { ...momentClauses, for: (rest) => ({ forNs: takeDuration(rest) }) });
  return { actor, when: need(reader, given.when, momentHint), forNs: need(reader, given.forNs, '"for DURATION"') };
};

export const textOfHalt = ({ fault, actor, when, forNs }: Halt & { readonly fault: string }): string =>
  `${fault} ${printParty(actor)} ${printMoment(when)} for ${printDuration(forNs)}`;
