// The rounds of a film as bands behind a drawing.
import type { Band } from "../../figure/timeAxis.ts";
import type { Film } from "./film.ts";

/** A round that never ended lasts until the next one, or until the film is over. */
export const bandsOf = ({ rounds, toNs }: Film): readonly Band[] =>
  rounds.map(({ phase, askedNs, endedNs }, place) => ({
    name: phase,
    fromNs: askedNs,
    toNs: endedNs ?? rounds[place + 1]?.askedNs ?? toNs,
  }));
