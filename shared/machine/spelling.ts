// What a misspelt word was probably meant to be.
import { distance } from "fastest-levenshtein";

const sorted = (word: string): string => [...word].sort().join("");

/** Edits between two words. In a short one a swap of neighbours, the commonest slip, counts as one. */
const editsBetween = (a: string, b: string): number => {
  const edits = distance(a, b);
  return edits === 2 && a.length <= 3 && sorted(a) === sorted(b) ? 1 : edits;
};

/** The nearest of the known words (of equally near ones the first), or undefined where none is near enough to be meant. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  // Two edits are one swap of neighbours; in a word of three letters they would make any word of any other.
  let least = word.length <= 3 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let best: string | undefined;
  for (const candidate of known) {
    const edits = editsBetween(word, candidate);
    if (edits < least || (edits === least && best === undefined)) {
      least = edits;
      best = candidate;
    }
  }
  return best;
};
