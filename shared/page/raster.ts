// Spans of CPUs as dots: which state each dot of a picture shows, where a dot stands for many CPUs and many moments.
//
// Within one CPU the state shows that is rarest and matters most, so that a stop of microseconds does not vanish in a second; among several
// CPUs the least advanced one shows, as in the display of a terminal, so that who is late does not vanish among those who are not.
import { type PageState, pageStates } from "./pageStates.ts";
import { type Spans, spanAt } from "./recording.ts";

/** What is looked at: CPUs from `firstCpu` on, both may be fractions of one; time from `fromNs` to `toNs`. */
export interface Frame {
  readonly fromNs: number;
  readonly toNs: number;
  readonly firstCpu: number;
  readonly cpus: number;
}

/** No CPU is there. */
export const nothing = 255;

const byWeight: readonly PageState[] = [
  "unknown",
  "off",
  "running",
  "resumed",
  "switched",
  "switching",
  "gathering",
  "held",
  "stopped",
  "irqs off",
  "dead",
];
const weights = Uint8Array.from(pageStates, (state) => byWeight.indexOf(state) + 1);
const weightOf = (code: number): number => (code === nothing ? 0 : (weights[code] as number));

/** Draws one CPU into a row of dots, where it is the least advanced one so far. A dot that several of its spans share shows the weightiest. */
const drawLane = (spans: Spans, cpu: number, { fromNs, toNs }: Frame, row: Uint8Array): void => {
  const { first, at, state, before } = spans;
  const { length } = row;
  const perNs = length / (toNs - fromNs);
  const [start, end] = [first[cpu] as number, first[cpu + 1] as number];
  let span = spanAt(spans, cpu, fromNs);
  let shared = 0;
  let heaviest = nothing;
  for (let from = 0; from < length; ) {
    const code = span < start ? before : (state[span] as number);
    const next = span < start ? start : span + 1;
    const until = next < end ? Math.min(length, ((at[next] as number) - fromNs) * perNs) : length;
    const last = Math.max(Math.ceil(until) - 1, from);
    if (from !== shared || weightOf(heaviest) < weightOf(code)) heaviest = code;
    if (last > from) {
      if (heaviest < (row[from] as number)) row[from] = heaviest;
      for (let dot = from + 1; dot < last; dot++) if (code < (row[dot] as number)) row[dot] = code;
      heaviest = code;
    }
    shared = last;
    span = next;
    from = Math.floor(until);
    if (from > last && heaviest < (row[last] as number)) row[last] = heaviest;
  }
};

/** Fills `dots`, `width` by `height`, with the places of states in `pageStates`. Rows of dots that show the same CPU are copies of one. */
export const raster = (spans: Spans, frame: Frame, width: number, height: number, dots: Uint8Array): void => {
  const { firstCpu, cpus } = frame;
  const known = spans.first.length - 1;
  let before = -1;
  for (let y = 0; y < height; y++) {
    const row = dots.subarray(y * width, (y + 1) * width);
    const from = Math.floor(firstCpu + (y * cpus) / height);
    const until = Math.min(known, Math.max(from + 1, Math.floor(firstCpu + ((y + 1) * cpus) / height)));
    if (from === before && until === from + 1) {
      row.set(dots.subarray((y - 1) * width, y * width));
      continue;
    }
    before = from;
    row.fill(nothing);
    for (let cpu = Math.max(0, from); cpu < until; cpu++) drawLane(spans, cpu, frame, row);
  }
};
