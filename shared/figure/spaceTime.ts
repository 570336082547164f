// Who told whom what, and when it arrived, on a true axis of time: a lane for each actor, a line for each message.
//
// What is lost is a dashed stub with a cross, what is sent again has another colour and what arrives twice a double line. What many CPUs
// say or hear alike is one fan. Phases lie behind, and the critical path is bold: what the end of each round waited for.

import { arrowhead, crossed, lostLine } from "./arrows.ts";
import type { Mark, Span } from "./cpuTime.ts";
import { element, hint, through, words } from "./element.ts";
import { countText, timeText } from "./numbers.ts";
import { againColour, answerColour, askColour, lostColour, stateColours } from "./palette.ts";
import { framed, type Note, sheetWidth as width } from "./sheet.ts";
import { type Band, phaseBands, type TimeAxis, timeAxis, xOf } from "./timeAxis.ts";

export interface LaneDrawn {
  readonly name: string;
  /** What a CPU was at meanwhile; empty for a coordinator, and for the lane of many. */
  readonly spans: readonly Span[];
}

/** One message between two lanes, by their places. */
export interface Trip {
  readonly from: number;
  readonly to: number;
  readonly sentNs: number;
  /** Null: never. */
  readonly arrivedNs: number | null;
  readonly label: string;
  /** It was sent before. */
  readonly again: boolean;
  /** It arrived before. */
  readonly copy: boolean;
  /** Why it never arrived. */
  readonly why: string | null;
}

/** What many of one lane say to another alike: from when to when it left, and arrived. */
export interface Fan {
  readonly from: number;
  readonly to: number;
  readonly sentNs: readonly [first: number, last: number];
  readonly arrivedNs: readonly [first: number, last: number];
  readonly count: number;
  readonly label: string;
  /** They were sent before. */
  readonly again: boolean;
}

/** What was said from one lane to another at about one moment, and never arrived. */
export interface Losses {
  readonly from: number;
  readonly to: number;
  /** Of the first of them. */
  readonly sentNs: number;
  readonly count: number;
  readonly what: string;
  /** One of the lanes is that of many. */
  readonly isOfMany: boolean;
}

/** A stretch of the critical path: along a lane, or from one to the other. */
export interface Leg {
  readonly from: number;
  readonly to: number;
  readonly fromNs: number;
  readonly toNs: number;
}

export interface SpaceTimeShown {
  readonly title: string;
  readonly subtitle: string;
  readonly fromNs: number;
  readonly toNs: number;
  readonly zeroNs: number;
  readonly lanes: readonly LaneDrawn[];
  readonly trips: readonly Trip[];
  readonly fans: readonly Fan[];
  readonly losses: readonly Losses[];
  readonly phases: readonly Band[];
  readonly critical: readonly Leg[];
  /** `cpu` is the place of the lane. */
  readonly marks: readonly Mark[];
  /** Messages that are drawn, one by one or in a fan, of all there were. */
  readonly drawn: number;
  readonly of: number;
}

const [left, right] = [124, width - 16];
const laneHeight = 44;
const headHeight = 34;
const axisHeight = 44;
const stateHeight = 7;

/** How far towards its receiver a lost message is drawn, and for how long at least on the axis, in pixels. */
const stub = 0.62;
const stubPixels = 10;

type Place = (lane: number) => number;

const nothing = "";

const colourOfTrip = ({ from, to, again, why }: Trip): string =>
  why !== null ? lostColour : again ? againColour : from < to ? askColour : answerColour;

const hintOf = ({ label, sentNs, arrivedNs, again, copy, why }: Trip, zeroNs: number): string => {
  const sent = `${label}, sent ${again ? "again " : ""}at ${timeText(sentNs - zeroNs)}`;
  return arrivedNs === null
    ? `${sent}, never arrived: ${why ?? "unknown"}`
    : `${sent}, on its way for ${timeText(arrivedNs - sentNs)}${copy ? ", a copy" : ""}`;
};

const lost = (trip: Trip, axis: TimeAxis, yOf: Place): string => {
  const [y, towards] = [yOf(trip.from), yOf(trip.to)];
  const x = xOf(axis, trip.sentNs);
  const shape = crossed([x, y], [Math.min(right, x + stubPixels), y + (towards - y) * stub]);
  return element("g", { class: "lost", ...lostLine }, hint(hintOf(trip, axis.zeroNs)), ...shape);
};

/** Below the lane, what one of many said to another of them. */
const asidePixels = 10;

const reachOf = ({ from, to, isOfMany }: Losses, yOf: Place): number => {
  const way = yOf(to) - yOf(from);
  if (way === 0) return asidePixels;
  return isOfMany ? Math.sign(way) * stub * laneHeight : stub * way;
};

/** One cross, and how many it stands for. Those of many stay close to the lane that they left. */
const lostTogether = (losses: Losses, axis: TimeAxis, yOf: Place): string => {
  const { from, sentNs, count, what } = losses;
  const x = xOf(axis, sentNs);
  const y = yOf(from);
  const endY = y + reachOf(losses, yOf);
  const crossX = Math.min(right, x + stubPixels);
  const [wordX, anchor] = crossX > right - 36 ? [crossX - 6, "end"] : [crossX + 6, "start"];
  return element(
    "g",
    { class: "losses", ...lostLine },
    hint(`never arrived, sent from ${timeText(sentNs - axis.zeroNs)} on: ${what}`),
    ...crossed([x, y], [crossX, endY]),
    words(wordX, endY + 3.5, count === 1 ? nothing : `×${countText(count)}`, {
      class: "ground-line",
      "text-anchor": anchor,
      "font-size": 10,
      "font-weight": 700,
      fill: lostColour,
      stroke: "white",
      "stroke-width": 3,
      "paint-order": "stroke",
    }),
  );
};

const arrived = (trip: Trip, arrivedNs: number, axis: TimeAxis, yOf: Place): string => {
  const { sentNs } = trip;
  // What arrives later than the drawing ends is drawn as far as its edge.
  const share = arrivedNs > axis.toNs ? (axis.toNs - sentNs) / (arrivedNs - sentNs) : 1;
  const [x, end] = [xOf(axis, sentNs), xOf(axis, arrivedNs)];
  const y = yOf(trip.from);
  const towards = y + (yOf(trip.to) - y) * share;
  const stroke = colourOfTrip(trip);
  const d = through([
    [x, y],
    [end, towards],
  ]);
  const kind = trip.copy ? "copy" : trip.again ? "again" : "trip";
  const line = trip.copy
    ? [
        element("path", { d, stroke, "stroke-width": 4.5 }),
        element("path", { d, class: "ground-line", stroke: "white", "stroke-width": 2 }),
      ]
    : [element("path", { d, stroke, "stroke-width": trip.again ? 2 : 1.2 })];
  return element(
    "g",
    { class: kind, fill: "none" },
    hint(hintOf(trip, axis.zeroNs)),
    ...line,
    ...(share < 1 ? [] : [arrowhead([x, y], [end, towards], stroke)]),
  );
};

const fanned = ({ from, to, sentNs, arrivedNs, count, label, again }: Fan, axis: TimeAxis, yOf: Place): string => {
  const points: ReadonlyArray<readonly [number, number]> = [
    [xOf(axis, sentNs[0]), yOf(from)],
    [xOf(axis, sentNs[1]), yOf(from)],
    [xOf(axis, arrivedNs[1]), yOf(to)],
    [xOf(axis, arrivedNs[0]), yOf(to)],
  ];
  const colour = again ? againColour : from < to ? askColour : answerColour;
  const text = `${countText(count)} × ${label}${again ? ", again" : ""}`;
  return element(
    "path",
    {
      class: "fan",
      d: `${through(points)}Z`,
      fill: colour,
      "fill-opacity": 0.28,
      stroke: colour,
      "stroke-opacity": 0.7,
      "stroke-width": 0.8,
    },
    hint(text),
  );
};

const laneDrawn = ({ name, spans }: LaneDrawn, place: number, axis: TimeAxis, yOf: Place): string => {
  const y = yOf(place);
  return [
    words(left - 10, y + 4, name, { "text-anchor": "end", "font-size": 11, "font-weight": 600, fill: "currentColor" }),
    element("line", { x1: left, x2: right, y1: y, y2: y, stroke: "currentColor", "stroke-opacity": 0.45 }),
    ...spans
      .filter(({ fromNs, toNs, state }) => toNs > axis.fromNs && fromNs < axis.toNs && state !== "old version")
      .map(({ fromNs, toNs, state }) => {
        const [x, end] = [xOf(axis, fromNs), xOf(axis, toNs)];
        const shape = { x, y: y - stateHeight / 2, width: Math.max(0.4, end - x), height: stateHeight, fill: stateColours[state] };
        return element("rect", { ...shape, class: `state-${state.replaceAll(" ", "-")}` }, hint(`${name}: ${state}`));
      }),
  ].join("");
};

const criticalDrawn = (legs: readonly Leg[], axis: TimeAxis, yOf: Place): string =>
  legs.length === 0
    ? nothing
    : element("path", {
        class: "critical",
        d: legs
          .map(({ from, to, fromNs, toNs }) =>
            through([
              [xOf(axis, fromNs), yOf(from)],
              [xOf(axis, toNs), yOf(to)],
            ]),
          )
          .join(""),
        fill: "none",
        stroke: "currentColor",
        "stroke-width": 3.4,
        "stroke-linecap": "round",
        "stroke-opacity": 0.85,
      });

/** Only what is there is explained. */
const notesOf = ({ trips, fans, losses, critical, marks, drawn, of }: SpaceTimeShown): readonly Note[] => {
  const kinds: ReadonlyArray<readonly [isThere: boolean, text: string, colour: string]> = [
    [trips.some(({ from, to }) => from < to) || fans.some(({ from, to }) => from < to), "blue: what a round asks", askColour],
    [true, "grey: answers", answerColour],
    [fans.length > 0, "shaded: what many say or hear alike, from the first to the last of them", "currentColor"],
    [trips.some(({ again }) => again) || fans.some(({ again }) => again), "orange: sent again", againColour],
    [trips.some(({ copy }) => copy), "double line: a copy, it had arrived before", "currentColor"],
    [trips.some(({ why }) => why !== null) || losses.length > 0, "dashed, with a cross: never arrived", lostColour],
    [losses.some(({ count }) => count > 1), "×N: so many at about one moment", lostColour],
    [critical.length > 0, "bold: the critical path, what the end of each round waited for", "currentColor"],
    [marks.length > 0, "▲ a fault strikes", lostColour],
  ];
  const shown = `${drawn === of ? `all ${countText(of)} messages` : `${countText(drawn)} of ${countText(of)} messages`} drawn`;
  return [{ text: shown, colour: "currentColor" }, ...kinds.filter(([isThere]) => isThere).map(([, text, colour]) => ({ text, colour }))];
};

const mark = ({ text, atNs, cpu }: Mark, axis: TimeAxis, yOf: Place): string => {
  const [x, y] = [xOf(axis, atNs), yOf(cpu ?? 0) + 8];
  return element("path", { class: "mark-fault", d: `M${x.toFixed(1)},${y - 5}l5,9h-10z`, fill: lostColour, stroke: "white" }, hint(text));
};

export const spaceTimeFigure = (shown: SpaceTimeShown): string => {
  const { title, subtitle, fromNs, toNs, zeroNs, lanes, trips, fans, losses, phases, critical, marks } = shown;
  const axis: TimeAxis = { fromNs, toNs, zeroNs, left, right };
  const drawingHeight = laneHeight * (lanes.length - 1);
  return framed({ title, subtitle, width, height: headHeight + drawingHeight + axisHeight + 12, notes: notesOf(shown) }, (above) => {
    const top = above + headHeight;
    const bottom = top + drawingHeight;
    const yOf: Place = (lane) => top + lane * laneHeight;
    return [
      phaseBands(axis, phases, top - 16, bottom + 12),
      ...lanes.map((lane, place) => laneDrawn(lane, place, axis, yOf)),
      timeAxis(axis, top - 16, bottom + 12, "time since the epoch opened"),
      ...fans.map((fan) => fanned(fan, axis, yOf)),
      criticalDrawn(critical, axis, yOf),
      ...trips.map((trip) => (trip.arrivedNs === null ? lost(trip, axis, yOf) : arrived(trip, trip.arrivedNs, axis, yOf))),
      ...losses.map((all) => lostTogether(all, axis, yOf)),
      ...marks.map((one) => mark(one, axis, yOf)),
    ].join("");
  });
};
