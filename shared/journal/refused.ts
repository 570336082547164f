// Who was refused what in a run, and how often: the first kinds in full, and whatever comes beyond them as a count.
//
// Whoever is refused may try without end and in ever new ways, so what is kept of it has a limit, and the counts are right all the same.

export const refusedLimits = {
  /** Kinds that are kept in full, of one who refuses or of all together. */
  kinds: 32,
  /** Characters of what somebody wanted, who may have made it up. */
  text: 160,
} as const;

/** One kind of what was refused. It changed nothing. */
export interface Refused {
  /** Who did not let it through: the NATS server, or a process of the run. */
  readonly by: string;
  /** Whom, by the name that the server vouches for; "a stranger" is nobody's. */
  readonly who: string;
  /** What was wanted. */
  readonly what: string;
  readonly why: string;
  readonly times: number;
}

/** How whatever is beyond the limit is told. */
const others = { who: "others", what: "what is not told one by one", why: "more kinds than are kept" } as const;

/** A terminal shows it some day: whatever would move its cursor is left out. */
const short = (text: string): string => {
  const plain = text.replaceAll(/\p{Cc}/gu, "?");
  return plain.length <= refusedLimits.text ? plain : `${plain.slice(0, refusedLimits.text)}...`;
};

export class RefusedTally {
  private readonly kinds = new Map<string, Refused>();

  add({ by, who, what, why, times }: Refused): void {
    const named = { by, who: short(who), what: short(what), why };
    if (!this.count(named, times) && !this.count({ by, ...others }, times))
      this.kinds.set(keyOf({ by, ...others }), { by, ...others, times });
  }

  /** False of a kind that is not known and for which there is no place. */
  private count(kind: Omit<Refused, "times">, times: number): boolean {
    const key = keyOf(kind);
    const known = this.kinds.get(key);
    if (known === undefined && this.kinds.size >= refusedLimits.kinds) return false;
    this.kinds.set(key, { ...kind, times: (known?.times ?? 0) + times });
    return true;
  }

  get all(): readonly Refused[] {
    return [...this.kinds.values()];
  }
}

const keyOf = ({ by, who, what, why }: Omit<Refused, "times">): string => JSON.stringify([by, who, what, why]);

/** Of several who refused. */
export const allRefused = (lists: Iterable<readonly Refused[]>): readonly Refused[] => {
  const tally = new RefusedTally();
  for (const list of lists) for (const one of list) tally.add(one);
  return tally.all;
};

export const refusedText = ({ by, who, what, why, times }: Refused): string =>
  `${who}: ${what}, by ${by} (${why})${times === 1 ? "" : `, ${times} times`}`;
