// What a misspelt word was probably meant to be.
import { distance } from "fastest-levenshtein";

/** The nearest of the known words (of equally near ones the first), or undefined where none is near enough to be meant. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  // Two edits are one swap of neighbours, the commonest slip; in a word of three letters they would make any word of any other.
  let least = word.length <= 3 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let best: string | undefined;
  for (const candidate of known) {
    const edits = distance(word, candidate);
    if (edits < least || (edits === least && best === undefined)) {
      least = edits;
      best = candidate;
    }
  }
  return best;
};
