// What every CPU was at, moment by moment: a row for each, bars for its states, phases behind, and the last to arrive outlined.
//
// Of more CPUs than have room, the first to arrive and the last have rows, and all between them are a band: how many were at what.
import { element, hint, through, words } from "./element.ts";
import { type Key, legend, legendHeight } from "./legend.ts";
import { countText, plural, timeText } from "./numbers.ts";
import { lostColour, type StateShown, stateColours } from "./palette.ts";
import { framed, sheetWidth as width } from "./sheet.ts";
import { type Band, phaseBands, type TimeAxis, timeAxis, xOf } from "./timeAxis.ts";

export interface Span {
  readonly fromNs: number;
  readonly toNs: number;
  readonly state: StateShown;
}

export interface CpuLane {
  readonly cpu: number;
  /** In order, without gaps between what is known. */
  readonly spans: readonly Span[];
  /** When it had done what the others waited for; null if it never did. */
  readonly arrivedNs: number | null;
}

/** Something that befell a CPU, or all of them (null). */
export interface Mark {
  readonly atNs: number;
  readonly cpu: number | null;
  readonly text: string;
  readonly kind: "fault" | "breach";
}

export interface CpuTimeShown {
  readonly title: string;
  readonly subtitle: string;
  readonly fromNs: number;
  readonly toNs: number;
  /** What is 0 on the axis. */
  readonly zeroNs: number;
  readonly lanes: readonly CpuLane[];
  readonly phases: readonly Band[];
  /** Who came last, and what is known of why. */
  readonly last: { readonly cpu: number; readonly text: string } | null;
  readonly marks: readonly Mark[];
}

/** More rows than these are no picture; of more CPUs so many at each end have one. */
const mostRows = 64;
const rowsAtEnds = 16;

const [left, right] = [64, width - 16];
const bandHeight = 150;
const headHeight = 22;
const axisHeight = 40;

/** Samples of the band along the axis. */
const samples = 260;

/** Marks beyond these would hide what they mark. */
const mostMarks = 40;

const rowHeightFor = (rows: number): number => (rows <= 16 ? 18 : rows <= 40 ? 12 : 9);

const never = Number.POSITIVE_INFINITY;

const byArrival = (a: CpuLane, b: CpuLane): number => {
  const [first, second] = [a.arrivedNs ?? never, b.arrivedNs ?? never];
  return first === second ? a.cpu - b.cpu : first < second ? -1 : 1;
};

interface Rows {
  readonly first: readonly CpuLane[];
  /** Those of the band. */
  readonly between: readonly CpuLane[];
  readonly last: readonly CpuLane[];
}

const rowsOf = (lanes: readonly CpuLane[]): Rows => {
  if (lanes.length <= mostRows) return { first: lanes.toSorted((a, b) => a.cpu - b.cpu), between: [], last: [] };
  const sorted = lanes.toSorted(byArrival);
  return { first: sorted.slice(0, rowsAtEnds), between: sorted.slice(rowsAtEnds, -rowsAtEnds), last: sorted.slice(-rowsAtEnds) };
};

const bars = ({ cpu, spans }: CpuLane, axis: TimeAxis, y: number, height: number): string =>
  spans
    .filter(({ fromNs, toNs }) => toNs > axis.fromNs && fromNs < axis.toNs)
    .map(({ fromNs, toNs, state }) => {
      const [x, end] = [xOf(axis, fromNs), xOf(axis, toNs)];
      // What is shorter than can be seen is drawn all the same.
      const shape = { x, y: y + 1, width: Math.max(0.4, end - x), height: height - 2, fill: stateColours[state], class: classOf(state) };
      return element("rect", shape, hint(`cpu ${cpu}: ${state} for ${timeText(toNs - fromNs)}`));
    })
    .join("");

const classOf = (state: StateShown): string => `state-${state.replaceAll(" ", "-")}`;

const rows = (lanes: readonly CpuLane[], axis: TimeAxis, top: number, height: number): string =>
  lanes
    .map((lane, place) => {
      const y = top + place * height;
      const name = words(left - 8, y + height / 2 + 3.5, `cpu ${lane.cpu}`, {
        "text-anchor": "end",
        "font-size": Math.min(11, height + 1),
        fill: "currentColor",
      });
      return `${name}${bars(lane, axis, y, height)}`;
    })
    .join("");

/** In the order of a stop: what has come furthest lies at the bottom. */
const stacked: readonly StateShown[] = (Object.keys(stateColours) as StateShown[]).toReversed();

/** How many of the lanes are in each state at each of the samples. */
const countsOf = (lanes: readonly CpuLane[], { fromNs, toNs }: TimeAxis): ReadonlyMap<StateShown, Int32Array> => {
  const changes = new Map(stacked.map((state) => [state, new Int32Array(samples + 1)]));
  const sampleFrom = (at: number): number => Math.min(samples, Math.max(0, Math.ceil(((at - fromNs) / (toNs - fromNs)) * samples - 0.5)));
  for (const { spans } of lanes) {
    for (const { fromNs: begins, toNs: ends, state } of spans) {
      const change = changes.get(state) as Int32Array;
      const [from, to] = [sampleFrom(begins), sampleFrom(ends)];
      change[from] = (change[from] as number) + 1;
      change[to] = (change[to] as number) - 1;
    }
  }
  for (const change of changes.values()) for (let i = 1; i <= samples; i++) change[i] = (change[i] as number) + (change[i - 1] as number);
  return changes;
};

const density = (lanes: readonly CpuLane[], axis: TimeAxis, top: number): string => {
  const counts = countsOf(lanes, axis);
  const floor = new Float64Array(samples);
  const xAt = (sample: number): number => left + ((right - left) * sample) / samples;
  const yAt = (share: number): number => top + bandHeight * (1 - share);
  const layers = stacked.flatMap((state) => {
    const count = counts.get(state) as Int32Array;
    if (count.subarray(0, samples).every((value) => value === 0)) return [];
    const lower = [...floor];
    for (let i = 0; i < samples; i++) floor[i] = (floor[i] as number) + (count[i] as number) / lanes.length;
    const upper: Array<readonly [number, number]> = [...floor].flatMap((share, i) => [
      [xAt(i), yAt(share)],
      [xAt(i + 1), yAt(share)],
    ]);
    const under: Array<readonly [number, number]> = lower.flatMap((share, i) => [
      [xAt(i), yAt(share)],
      [xAt(i + 1), yAt(share)],
    ]);
    return [
      element(
        "path",
        { d: `${through([...upper, ...under.toReversed()])}Z`, fill: stateColours[state], class: classOf(state) },
        hint(state),
      ),
    ];
  });
  const label = [countText(lanes.length), "CPUs", "between"].map((line, place) =>
    words(left - 8, top + bandHeight / 2 - 8 + 13 * place, line, { "text-anchor": "end", "font-size": 11, fill: "currentColor" }),
  );
  return [...layers, ...label].join("");
};

const markShape = ({ kind, text }: Mark, x: number, y: number): string => {
  const shape = kind === "fault" ? `M${x},${y - 4}l4,7h-8z` : `M${x - 4},${y - 4}l8,8m0,-8l-8,8`;
  const drawn = kind === "fault" ? { fill: lostColour, stroke: "white" } : { stroke: lostColour, "stroke-width": 2.5, fill: "none" };
  return element("path", { d: shape, ...drawn, class: `mark-${kind}` }, hint(text));
};

/** Where each CPU has its row. */
const heightsOf = (shown: Rows, top: number, rowHeight: number, lastTop: number): ReadonlyMap<number, number> =>
  new Map([
    ...shown.first.map(({ cpu }, place) => [cpu, top + place * rowHeight] as const),
    ...shown.last.map(({ cpu }, place) => [cpu, lastTop + place * rowHeight] as const),
  ]);

const usedKeys = (lanes: readonly CpuLane[]): readonly Key[] => {
  const used = new Set(lanes.flatMap(({ spans }) => spans.map(({ state }) => state)));
  return (Object.keys(stateColours) as StateShown[])
    .filter((state) => used.has(state))
    .map((name) => ({ name, colour: stateColours[name], class: classOf(name) }));
};

const outline = (y: number, height: number): string =>
  element("rect", {
    class: "last",
    x: left - 1,
    y,
    width: right - left + 2,
    height,
    fill: "none",
    stroke: "currentColor",
    "stroke-width": 2,
  });

const marksDrawn = (marks: readonly Mark[], axis: TimeAxis, heights: ReadonlyMap<number, number>, rowHeight: number, top: number): string =>
  marks
    .filter(({ atNs }) => atNs >= axis.fromNs && atNs <= axis.toNs)
    .slice(0, mostMarks)
    .map((mark) => {
      const y = mark.cpu === null ? top - 6 : heights.get(mark.cpu);
      return y === undefined ? "" : markShape(mark, xOf(axis, mark.atNs), mark.cpu === null ? y : y + rowHeight / 2);
    })
    .join("");

export const cpuTimeFigure = ({ title, subtitle, fromNs, toNs, zeroNs, lanes, phases, last, marks }: CpuTimeShown): string => {
  const axis: TimeAxis = { fromNs, toNs, zeroNs, left, right };
  const shown = rowsOf(lanes);
  const keys = usedKeys(lanes);
  const keysHeight = legendHeight(keys, left, right);
  const rowHeight = rowHeightFor(shown.first.length + shown.last.length);
  const between = shown.between.length === 0 ? 0 : bandHeight + 16;
  const drawingHeight = rowHeight * (shown.first.length + shown.last.length) + between;
  const notes = [
    ...(last === null ? [] : [{ text: `outlined, the last to arrive: ${last.text}`, colour: "currentColor" }]),
    ...(between === 0
      ? []
      : [
          {
            text: `${plural(lanes.length, "CPU")} by arrival: the first ${rowsAtEnds}, how many of the others were at what, the last ${rowsAtEnds}`,
            colour: "currentColor",
          },
        ]),
    ...(marks.some(({ kind }) => kind === "fault") ? [{ text: "▲ a fault strikes", colour: lostColour }] : []),
    ...(marks.some(({ kind }) => kind === "breach") ? [{ text: "✕ a promise is broken", colour: lostColour }] : []),
  ];
  return framed({ title, subtitle, width, height: keysHeight + headHeight + drawingHeight + axisHeight, notes }, (above) => {
    const top = above + keysHeight + headHeight;
    const bottom = top + drawingHeight;
    const lastTop = bottom - rowHeight * shown.last.length;
    const heights = heightsOf(shown, top, rowHeight, lastTop);
    const lastY = last === null ? undefined : heights.get(last.cpu);
    return [
      legend(keys, left, right, above),
      phaseBands(axis, phases, top, bottom),
      rows(shown.first, axis, top, rowHeight),
      ...(between === 0 ? [] : [density(shown.between, axis, top + rowHeight * shown.first.length + 8)]),
      rows(shown.last, axis, lastTop, rowHeight),
      timeAxis(axis, top, bottom, "time since the epoch opened"),
      ...(lastY === undefined ? [] : [outline(lastY, rowHeight)]),
      marksDrawn(marks, axis, heights, rowHeight, top),
    ].join("");
  });
};
