// Who does what, step by step: a line down the page for each actor, a row for each step, an arrow from where a packet left to where it arrives.
//
// There is no time here, only an order. A line is dashed while its actor is down.
import { arrowhead, cross, crossed, lostLine } from "./arrows.ts";
import { element, hint, through, words } from "./element.ts";
import { answerColour, askColour, lostColour } from "./palette.ts";
import { framed, type Note, sheetWidth as width } from "./sheet.ts";

export interface SequenceRow {
  readonly kind: "arrives" | "copy" | "lost" | "timer" | "writes" | "crash" | "start" | "other";
  /** The place of whom it happens to. */
  readonly lane: number;
  /** Of what arrives or gets lost: whence, and in which row it left; null where nobody saw it leave. */
  readonly from: { readonly lane: number; readonly row: number } | null;
  readonly text: string;
  /** What was announced by it. */
  readonly aside: string;
  /** All of it, for who points at it. */
  readonly hint: string;
}

export interface SequenceShown {
  readonly title: string;
  readonly subtitle: string;
  readonly lanes: ReadonlyArray<{ readonly name: string; readonly isUpFirst: boolean }>;
  readonly rows: readonly SequenceRow[];
  /** What is wrong in the end. */
  readonly end: string;
}

const left = 44;
const headHeight = 30;
const rowHeight = 36;
const footHeight = 14;
const widestLane = 104;
/** All lanes together. */
const lanesWidth = 420;

/** Words of these sizes have letters of so many pixels, on the average. */
const letterPixels = 5.9;

const nothing = "";

const cut = (text: string, pixels: number): string => {
  const most = Math.floor(pixels / letterPixels);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
};

interface Places {
  readonly xOf: (lane: number) => number;
  readonly yOf: (row: number) => number;
}

const message = ({ kind, lane, from }: SequenceRow, row: number, { xOf, yOf }: Places): string => {
  if (from === null) return mark({ kind: "other", lane }, row, { xOf, yOf });
  const stroke = from.lane < lane ? askColour : answerColour;
  const [start, end] = [
    [xOf(from.lane), yOf(from.row)],
    [xOf(lane), yOf(row)],
  ] as const;
  if (kind === "lost") {
    const share = 0.7;
    const at = [start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])] as const;
    return element("g", { class: "lost", ...lostLine }, ...crossed(start, at));
  }
  const d = through([start, end]);
  const line =
    kind === "copy"
      ? [
          element("path", { d, stroke, "stroke-width": 4.5 }),
          element("path", { d, class: "ground-line", stroke: "white", "stroke-width": 2 }),
        ]
      : [element("path", { d, stroke, "stroke-width": 1.4 })];
  return element("g", { class: kind, fill: "none" }, ...line, arrowhead(start, end, stroke));
};

const mark = ({ kind, lane }: Pick<SequenceRow, "kind" | "lane">, row: number, { xOf, yOf }: Places): string => {
  const [x, y] = [xOf(lane), yOf(row)];
  if (kind === "crash") return element("g", { class: kind, stroke: lostColour, fill: "none" }, cross([x, y], 6));
  const shape = { cx: x, cy: y, r: kind === "timer" ? 4.5 : 4, stroke: "currentColor", "stroke-width": 1.6 };
  return element("circle", { class: kind, ...shape, fill: kind === "timer" ? "white" : "currentColor" });
};

/** From row to row, where its actor is up and where it is down. */
const laneDrawn = ({ lanes, rows }: SequenceShown, lane: number, { xOf, yOf }: Places): string => {
  const x = xOf(lane);
  const turns = rows.flatMap(({ kind, lane: whose }, row) =>
    whose === lane && (kind === "crash" || kind === "start") ? [{ row, isUp: kind === "start" }] : [],
  );
  const edges = [{ row: -1, isUp: lanes[lane]?.isUpFirst ?? true }, ...turns];
  return edges
    .map(({ row, isUp }, place) =>
      element("line", {
        class: isUp ? "up" : "down",
        x1: x,
        x2: x,
        y1: row < 0 ? yOf(-0.6) : yOf(row),
        y2: yOf(edges[place + 1]?.row ?? rows.length - 0.6),
        stroke: "currentColor",
        "stroke-opacity": isUp ? 0.55 : 0.35,
        ...(!isUp && { "stroke-dasharray": "2 4" }),
      }),
    )
    .join("");
};

/** Only what is there is explained. */
const notesOf = ({ rows, end }: SequenceShown): readonly Note[] => {
  const has = (kind: SequenceRow["kind"]): boolean => rows.some((row) => row.kind === kind);
  return [
    { text: `✗ ${end}`, colour: lostColour },
    ...(has("copy") ? [{ text: "double line: a copy of it is still on its way", colour: "currentColor" }] : []),
    ...(has("lost") ? [{ text: "dashed, with a cross: lost", colour: lostColour }] : []),
    ...(has("timer") ? [{ text: "○ a timer runs out", colour: "currentColor" }] : []),
    ...(has("crash") ? [{ text: "✕ a crash; dotted: down", colour: lostColour }] : []),
  ];
};

export const sequenceFigure = (shown: SequenceShown): string => {
  const { title, subtitle, lanes, rows } = shown;
  const laneWidth = Math.min(widestLane, lanesWidth / lanes.length);
  const wordsLeft = left + laneWidth * lanes.length + 14;
  const room = width - 12 - wordsLeft;
  const drawingHeight = headHeight + rowHeight * rows.length + footHeight;
  return framed({ title, subtitle, width, height: drawingHeight, notes: notesOf(shown) }, (above) => {
    const places: Places = {
      xOf: (lane) => left + laneWidth * (lane + 0.5),
      yOf: (row) => above + headHeight + rowHeight * (row + 0.5),
    };
    const { xOf, yOf } = places;
    return [
      ...lanes.map(({ name }, lane) =>
        words(xOf(lane), above + 14, cut(name, laneWidth), {
          "text-anchor": "middle",
          "font-size": 11,
          "font-weight": 600,
          fill: "currentColor",
        }),
      ),
      ...rows.map((_, row) =>
        row % 2 === 0
          ? element("rect", { x: 0, y: yOf(row - 0.5), width, height: rowHeight, fill: "#8a94a6", "fill-opacity": 0.08 })
          : nothing,
      ),
      ...lanes.map((_, lane) => laneDrawn(shown, lane, places)),
      ...rows.map((row, place) => {
        const y = yOf(place);
        const isMessage = row.kind === "arrives" || row.kind === "copy" || row.kind === "lost" || row.kind === "writes";
        const second =
          row.aside === "" ? [] : [words(wordsLeft, y + 13, cut(row.aside, room), { "font-size": 10.5, class: "muted", fill: "#555" })];
        return element(
          "g",
          { class: "step" },
          hint(row.hint),
          words(30, y + 4, String(place + 1), { "text-anchor": "end", "font-size": 11, class: "muted", fill: "#555" }),
          isMessage ? message(row, place, places) : mark(row, place, places),
          words(wordsLeft, second.length === 0 ? y + 4 : y - 2, cut(row.text, room), { "font-size": 11.5, fill: "currentColor" }),
          ...second,
        );
      }),
    ].join("");
  });
};
