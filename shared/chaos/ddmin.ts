// Delta debugging: the fewest of some items without which something no longer happens.

const inParts = <T>(items: readonly T[], parts: number): ReadonlyArray<readonly T[]> =>
  Array.from({ length: parts }, (_, i) =>
    items.slice(Math.floor((i * items.length) / parts), Math.floor(((i + 1) * items.length) / parts)),
  );

/**
 * A part of `items` that still `fails`, and none of whose members can be left out (Zeller and Hildebrandt, IEEE Transactions on Software
 * Engineering 28, 2002). All of them together must fail.
 */
export const ddmin = <T>(items: readonly T[], fails: (items: readonly T[]) => boolean): readonly T[] => {
  let kept = items;
  if (kept.length > 0 && fails([])) return [];
  for (let parts = 2; kept.length >= 2; ) {
    const pieces = inParts(kept, parts);
    const rests = pieces.map((piece) => kept.filter((item) => !piece.includes(item)));
    const piece = pieces.find((one) => one.length < kept.length && fails(one));
    const rest = piece === undefined && parts > 2 ? rests.find((one) => fails(one)) : undefined;
    if (piece !== undefined) {
      kept = piece;
      parts = 2;
    } else if (rest !== undefined) {
      kept = rest;
      parts = Math.max(2, parts - 1);
    } else if (parts < kept.length) parts = Math.min(kept.length, 2 * parts);
    else return kept;
  }
  return kept;
};
