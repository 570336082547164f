// A run as columns of numbers: what each CPU was at and when, which message went where, what struck. It can be handed from a thread to another
// as it is, drawn without making objects, and looked into at any time by bisection, so that seeking back costs what seeking ahead does.
import type { LeftOut } from "./leftOut.ts";
import { pageStates } from "./pageStates.ts";

/** What each CPU is at: the spans of CPU c are those from `first[c]` up to `first[c + 1]`, each lasting until the next one. */
export interface Spans {
  readonly first: Uint32Array;
  readonly at: Float64Array;
  /** The place of the state in `pageStates`. */
  readonly state: Uint8Array;
  /** The place in `texts` of the words that say it more closely. */
  readonly text: Uint32Array;
  /** The place in `pageStates` of what CPUs are at before their first span. */
  readonly before: number;
}

/** What became of a message, on its way to one receiver. */
export const fates = ["arrived", "again", "copy", "lost", "receiver dead", "run over"] as const;
export type Fate = (typeof fates)[number];

/** Messages by receiver, ascending by when they left. */
export interface Trips {
  readonly at: Float64Array;
  /** NaN of those that never arrived. */
  readonly arrivesAt: Float64Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The place of its name in `texts`. */
  readonly label: Uint32Array;
  /** The place in `fates`. */
  readonly fate: Uint8Array;
  /** No message took longer. */
  readonly longestNs: number;
}

/** What happened, a line each, ascending by time. */
export interface Lines {
  readonly at: Float64Array;
  readonly actor: Int32Array;
  readonly text: Uint32Array;
}

/** Something to find again on a time axis. */
export interface Mark {
  readonly is: "fault" | "violation";
  readonly at: number;
  /** Absent where it befalls no single one. */
  readonly actor?: number;
  readonly text: string;
}

/** What was asked of the CPUs, from when to when. */
export interface Band {
  readonly from: number;
  /** Infinity of a round that never ended. */
  readonly until: number;
  readonly epoch: number;
  readonly phase: string;
}

export interface Recording {
  readonly cpus: number;
  readonly endNs: number;
  readonly spans: Spans;
  readonly trips: Trips;
  readonly lines: Lines;
  readonly marks: readonly Mark[];
  readonly bands: readonly Band[];
  readonly texts: readonly string[];
  /** What was too much. */
  readonly leftOut: LeftOut;
}

/** The number of values from `from` up to `until` that are at or before `at`, all ascending. */
export const countUpTo = (values: Float64Array, at: number, from = 0, until = values.length): number => {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low - from;
};

/** The place of the span that a CPU is in, or -1 before its first. */
export const spanAt = ({ first, at }: Spans, cpu: number, time: number): number => {
  const from = first[cpu] as number;
  const count = countUpTo(at, time, from, first[cpu + 1] as number);
  return count === 0 ? -1 : from + count - 1;
};

/** How many CPUs are in each state, in the order of `pageStates`. */
export const census = ({ spans, cpus }: Pick<Recording, "spans" | "cpus">, time: number): Uint32Array => {
  const counts = new Uint32Array(pageStates.length);
  for (let cpu = 0; cpu < cpus; cpu++) {
    const span = spanAt(spans, cpu, time);
    const state = span < 0 ? spans.before : (spans.state[span] as number);
    counts[state] = (counts[state] as number) + 1;
  }
  return counts;
};

/** What a CPU is at in words, and since when. */
export const spanTextAt = (
  { spans, texts }: Pick<Recording, "spans" | "texts">,
  cpu: number,
  time: number,
): readonly [text: string, since: number] => {
  const span = spanAt(spans, cpu, time);
  return span < 0 ? [pageStates[spans.before] as string, 0] : [texts[spans.text[span] as number] as string, spans.at[span] as number];
};

/** The time of the next line after `time`, or of the last one before it; undefined if there is none. Lines of one moment are one step. */
export const stepFrom = ({ at }: Lines, time: number, direction: 1 | -1): number | undefined => {
  if (direction === 1) return at[countUpTo(at, time)];
  // What is before this moment is what is at or before the largest number below it.
  const before = countUpTo(at, time - Math.max(Math.abs(time) * Number.EPSILON, Number.MIN_VALUE));
  return before === 0 ? undefined : at[before - 1];
};

/** The messages that are on their way at some time from `fromNs` to `toNs`, by their places; `most` at most, and how many there are. */
export const tripsWithin = (
  { at, arrivesAt, longestNs }: Trips,
  fromNs: number,
  toNs: number,
  most: number,
  isShown: (trip: number) => boolean,
): { readonly shown: readonly number[]; readonly of: number } => {
  const shown: number[] = [];
  let of = 0;
  const end = countUpTo(at, toNs);
  for (let trip = countUpTo(at, fromNs - longestNs - 1); trip < end; trip++) {
    const until = arrivesAt[trip] as number;
    if ((Number.isNaN(until) ? (at[trip] as number) : until) < fromNs || !isShown(trip)) continue;
    of++;
    if (shown.length < most) shown.push(trip);
  }
  return { shown, of };
};

/** What was asked at that time: the round that began last and has not ended. */
export const bandAt = (bands: readonly Band[], time: number): Band | undefined =>
  bands.findLast(({ from, until }) => from <= time && time < until);
