// How much of a run a page holds, and what it says when there is more.
import { timeText } from "./frame.ts";

/** A page that held more would be slow, or be ended by its browser. What is left out is counted, and said. */
export const recordingLimits = {
  /** Changes of what CPUs are at. */
  states: 2_000_000,
  messages: 2_000_000,
  lines: 400_000,
  /** Different ones: most lines say what others say as well. */
  texts: 200_000,
  /** Strikes of faults. */
  marks: 20_000,
  rounds: 20_000,
} as const;

export type Kept = keyof typeof recordingLimits;
export type Limits = Readonly<Record<Kept, number>>;

export interface LeftOut {
  readonly counts: Readonly<Record<Kept, number>>;
  /** When the first of it happened, in ns; infinity where nothing is left out. */
  readonly fromNs: number;
}

/** Counts what there is no room for. */
export class Room {
  private readonly limits: Limits;
  private readonly counts: Record<Kept, number> = { states: 0, messages: 0, lines: 0, texts: 0, marks: 0, rounds: 0 };
  private fromNs = Number.POSITIVE_INFINITY;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Whether there is room for one more beside those that are kept; if not, it is left out. */
  for(kind: Kept, kept: number, at: number): boolean {
    if (kept < this.limits[kind]) return true;
    this.counts[kind]++;
    this.fromNs = Math.min(this.fromNs, at);
    return false;
  }

  get leftOut(): LeftOut {
    return { counts: { ...this.counts }, fromNs: this.fromNs };
  }
}

const names: Readonly<Record<Kept, readonly [one: string, more: string]>> = {
  states: ["change of state", "changes of states"],
  messages: ["message", "messages"],
  lines: ["line", "lines"],
  texts: ["text", "texts"],
  marks: ["mark", "marks"],
  rounds: ["round", "rounds"],
};

/** `a, b and c`. */
export const listed = (parts: readonly string[]): string =>
  [parts.slice(0, -1).join(", "), ...parts.slice(-1)].filter((part) => part !== "").join(" and ");

/** Nothing where nothing is left out. */
export const leftOutText = ({ counts, fromNs }: LeftOut): string => {
  const kinds = (Object.keys(names) as Kept[]).filter((kind) => counts[kind] > 0);
  if (kinds.length === 0) return "";
  const parts = kinds.map((kind) => `${counts[kind]} ${names[kind][counts[kind] === 1 ? 0 : 1]}`);
  return `More than a page can hold: ${listed(parts)} left out, from ${timeText(fromNs)} on.`;
};
