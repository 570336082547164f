// How an actor's death is written, whichever fault it dies of.
import { momentClauses, momentHint, type Party, printMoment, printParty, type Strike, takeParty } from "./actors.ts";
import { need, type Reader, takeClauses, takeOneOf } from "./reader.ts";
import { printDuration, takeDuration } from "./units.ts";

export interface Death extends Strike {
  readonly actor: Party;
  /** Without it, it stays dead. */
  readonly restartAfterNs?: number;
}

export const readDeath = (reader: Reader): Death => {
  const actor = takeParty(reader);
  const given = takeClauses<Death>(reader, {
    ...momentClauses,
    restart: (rest) => {
      takeOneOf(rest, "word", ["after"]);
      return { restartAfterNs: takeDuration(rest) };
    },
  });
  return { actor, ...given, when: need(reader, given.when, momentHint) };
};

export const textOfDeath = ({ fault, actor, when, restartAfterNs }: Death & { readonly fault: string }): string =>
  `${fault} ${printParty(actor)} ${printMoment(when)}${restartAfterNs === undefined ? "" : ` restart after ${printDuration(restartAfterNs)}`}`;
