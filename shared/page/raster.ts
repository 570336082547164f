// Spans of CPUs as dots: which state each dot of a picture shows, where a dot stands for many CPUs and many moments.
//
// Within one CPU the state shows that is rarest and matters most, so that a stop of microseconds does not vanish in a second; among several
// CPUs the least advanced one shows, as in the display of a terminal, so that who is late does not vanish among those who are not.
import { type CpuState, cpuStates } from "../report/cpuStates.ts";
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

const byWeight: readonly CpuState[] = [
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
const weights = Uint8Array.from(cpuStates, (state) => byWeight.indexOf(state) + 1);
const weightOf = (code: number): number => (code === nothing ? 0 : (weights[code] as number));

const off = cpuStates.indexOf("off");

/** Draws one CPU into a row of dots that holds nothing yet. */
const drawLane = (spans: Spans, cpu: number, { fromNs, toNs }: Frame, lane: Uint8Array): void => {
  const { first, at, state } = spans;
  const { length } = lane;
  const perNs = length / (toNs - fromNs);
  const end = first[cpu + 1] as number;
  let span = spanAt(spans, cpu, fromNs);
  for (let from = 0; from < length; span++) {
    const code = span < (first[cpu] as number) ? off : (state[span] as number);
    const next = span < 0 ? (first[cpu] as number) : span + 1;
    const until = next < end ? Math.min(length, ((at[next] as number) - fromNs) * perNs) : length;
    const weight = weightOf(code);
    const last = Math.min(length - 1, Math.max(Math.ceil(until) - 1, from));
    for (let dot = from; dot <= last; dot++) if (weightOf(lane[dot] as number) < weight) lane[dot] = code;
    if (next >= end || until >= length) return;
    from = Math.floor(until);
    if (span < 0) span = next - 1;
  }
};

/** True if two CPUs have always been at the same at the same times, as neighbours in one process often are in a live run. */
const areAlike = ({ first, at, state }: Spans, cpu: number, other: number): boolean => {
  const from = first[cpu] as number;
  const length = (first[cpu + 1] as number) - from;
  const offset = (first[other] as number) - from;
  if ((first[other + 1] as number) - (first[other] as number) !== length) return false;
  for (let span = from + length - 1; span >= from; span--)
    if (at[span] !== at[span + offset] || state[span] !== state[span + offset]) return false;
  return true;
};

/**
 * Fills `dots`, `width` by `height`, with the places of states in `cpuStates`. Rows of dots that show the same CPU are copies of one. `lane`
 * is room for one row.
 */
export const raster = (spans: Spans, frame: Frame, width: number, height: number, dots: Uint8Array, lane: Uint8Array): void => {
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
    for (let cpu = Math.max(0, from); cpu < until; cpu++) {
      if (cpu > from && cpu > 0 && areAlike(spans, cpu, cpu - 1)) continue;
      lane.fill(nothing);
      drawLane(spans, cpu, frame, lane);
      for (let x = 0; x < width; x++) if ((lane[x] as number) < (row[x] as number)) row[x] = lane[x] as number;
    }
  }
};
