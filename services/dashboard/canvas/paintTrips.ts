// Draws messages on a canvas: a lane for each actor, time to the right, an arrow for each message, a cross where one gets lost.
import { actorName, isCoordinator } from "../../../shared/machine/machine.ts";
import { mostTicks, ticksOf } from "../../../shared/page/frame.ts";
import type { Scheme } from "../../../shared/page/look.ts";
import { NamePlaces, nameHeight } from "../../../shared/page/names.ts";
import type { Frame } from "../../../shared/page/raster.ts";
import { type Fate, fates, type Recording, tripsWithin } from "../../../shared/page/recording.ts";
import { type Inks, inksOf } from "./scheme.ts";

const tripLimits = { lanes: 18, trips: 1_500, labels: 60 } as const;

export interface TripPicture {
  readonly recording: Recording;
  readonly frame: Frame;
  readonly at: number;
  readonly chosen: number | null;
  readonly scheme: Scheme;
}

export interface Shown {
  readonly lanes: readonly number[];
  readonly trips: readonly number[];
  /** How many there are between all actors in that time. */
  readonly of: number;
}

const isLost = (fate: Fate): boolean => fate === "lost" || fate === "receiver dead" || fate === "run over";

const fateOf = ({ trips }: Recording, trip: number): Fate => fates[trips.fate[trip] as number] as Fate;

/** Whose lanes there is room for: coordinators, the CPU that is chosen, those whose messages get lost, then the first in sight. */
const lanesOf = (recording: Recording, all: readonly number[], { frame, chosen }: TripPicture): readonly number[] => {
  const { trips } = recording;
  const coordinators = new Set<number>();
  const marked = new Set<number>(chosen === null ? [] : [chosen]);
  for (const trip of all) {
    const ends = [trips.from[trip] as number, trips.to[trip] as number];
    for (const actor of ends) if (isCoordinator(actor)) coordinators.add(actor);
    if (isLost(fateOf(recording, trip))) for (const actor of ends) if (!isCoordinator(actor)) marked.add(actor);
  }
  const room = Math.max(1, tripLimits.lanes - coordinators.size);
  const cpus = new Set([...marked].slice(0, room));
  const end = Math.min(recording.cpus, Math.ceil(frame.firstCpu + frame.cpus));
  for (let cpu = Math.floor(frame.firstCpu); cpu < end && cpus.size < room; cpu++) cpus.add(cpu);
  return [...[...coordinators].toSorted((a, b) => b - a), ...[...cpus].toSorted((a, b) => a - b)];
};

/** Looked through to choose lanes: whose messages get lost among the first of them comes first. */
const lookedThrough = 20_000;

export const shownOf = (picture: TripPicture): Shown => {
  const { recording, frame } = picture;
  const { trips } = recording;
  const { shown: first, of } = tripsWithin(trips, frame.fromNs, frame.toNs, lookedThrough, () => true);
  const lanes = lanesOf(recording, first, picture);
  const hasLane = new Uint8Array(recording.cpus);
  for (const actor of lanes) if (!isCoordinator(actor)) hasLane[actor] = 1;
  const has = (actor: number): boolean => isCoordinator(actor) || hasLane[actor] === 1;
  const isShown = (trip: number): boolean => has(trips.from[trip] as number) && has(trips.to[trip] as number);
  return { lanes, trips: tripsWithin(trips, frame.fromNs, frame.toNs, tripLimits.trips, isShown).shown, of };
};

const margin = { left: 92, right: 8, top: 8, bottom: 22 } as const;

/** Few lanes lie further apart, so that there is room between them for what is said. */
const laneHeightOf = ({ lanes }: Shown): number => Math.max(26, Math.min(56, 260 / Math.max(1, lanes.length)));

export const heightOf = (shown: Shown): number => margin.top + margin.bottom + laneHeightOf(shown) * Math.max(1, shown.lanes.length);

interface Plot {
  readonly width: number;
  readonly bottom: number;
  readonly x: (at: number) => number;
  readonly y: (actor: number) => number;
}

export const paintTrips = (canvas: HTMLCanvasElement, picture: TripPicture, shown: Shown): void => {
  const ratio = devicePixelRatio;
  const [width, height] = [canvas.clientWidth, heightOf(shown)];
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null || width === 0) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const inks = inksOf(picture.scheme);
  context.fillStyle = inks.ground;
  context.fillRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  const { frame } = picture;
  const room = width - margin.left - margin.right;
  const places = new Map(shown.lanes.map((actor, i) => [actor, margin.top + laneHeightOf(shown) * (i + 0.5)]));
  const plot: Plot = {
    width: room,
    bottom: height - margin.bottom,
    x: (at) => margin.left + ((at - frame.fromNs) / (frame.toNs - frame.fromNs)) * room,
    y: (actor) => places.get(actor) ?? 0,
  };
  drawLanes(context, shown, plot, inks);
  drawTicks(context, picture, plot, inks);
  context.save();
  context.beginPath();
  context.rect(margin.left, 0, room, plot.bottom);
  context.clip();
  drawTrips(context, picture.recording, shown, plot, inks);
  context.fillStyle = inks.accent;
  context.fillRect(plot.x(picture.at) - 1, 0, 2, plot.bottom);
  context.restore();
};

const drawTrips = (context: CanvasRenderingContext2D, recording: Recording, { trips }: Shown, plot: Plot, inks: Inks): void => {
  // What is lost or said again has its name first: there may not be room for all of them.
  const byInterest = trips.toSorted((a, b) => interestOf(recording, b) - interestOf(recording, a));
  const arrows = byInterest.map((trip) => arrowOf(recording, trip, plot));
  const places = new NamePlaces({ left: margin.left, right: margin.left + plot.width, most: tripLimits.labels });
  // Last of all what matters most.
  for (const arrow of arrows.toReversed()) {
    drawArrow(context, arrow, inks);
    if (isLost(arrow.fate)) places.block(arrow.toX, arrow.toY, crossReach);
  }
  for (const [i, arrow] of arrows.entries())
    drawName(context, recording.texts[recording.trips.label[byInterest[i] as number] as number] ?? "", arrow, places, inks);
};

const drawLanes = (context: CanvasRenderingContext2D, { lanes }: Shown, { width, y }: Plot, { line, ink }: Inks): void => {
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const actor of lanes) {
    context.fillStyle = line;
    context.fillRect(margin.left, y(actor) - 0.5, width, 1);
    context.fillStyle = ink;
    context.fillText(isCoordinator(actor) ? actorName(actor) : `cpu ${actor}`, margin.left - 6, y(actor));
  }
};

const drawTicks = (context: CanvasRenderingContext2D, { frame }: TripPicture, { width, bottom, x }: Plot, { quiet }: Inks): void => {
  const { at, label } = ticksOf(frame, mostTicks(width));
  context.fillStyle = quiet;
  context.textAlign = "center";
  context.textBaseline = "top";
  let written = 0;
  for (const tick of at) {
    context.fillRect(x(tick), bottom, 1, 4);
    const half = context.measureText(label(tick)).width / 2;
    const middle = Math.max(margin.left + half, Math.min(margin.left + width - half, x(tick)));
    if (middle - half < written) continue;
    context.fillText(label(tick), middle, bottom + 6);
    written = middle + half + 6;
  }
};

/** How far the arrow of a lost message goes before its cross. */
const stub = { share: 0.6, pixels: 14 } as const;

const interestOf = (recording: Recording, trip: number): number => (fateOf(recording, trip) === "arrived" ? 0 : 1);

/** A trip in pixels. */
interface Arrow {
  readonly fate: Fate;
  readonly fromX: number;
  readonly fromY: number;
  readonly toX: number;
  readonly toY: number;
}

const arrowOf = (recording: Recording, trip: number, { x, y }: Plot): Arrow => {
  const { trips } = recording;
  const fate = fateOf(recording, trip);
  const lost = isLost(fate);
  const [fromX, fromY] = [x(trips.at[trip] as number), y(trips.from[trip] as number)];
  const farY = y(trips.to[trip] as number);
  const toX = lost ? fromX + stub.pixels : x(trips.arrivesAt[trip] as number);
  return { fate, fromX, fromY, toX, toY: lost ? fromY + (farY - fromY) * stub.share : farY };
};

const colourOf = (fate: Fate, inks: Inks): string => (isLost(fate) ? inks.bad : fate === "arrived" ? inks.quiet : inks.doubt);

const drawArrow = (context: CanvasRenderingContext2D, { fate, fromX, fromY, toX, toY }: Arrow, inks: Inks): void => {
  context.strokeStyle = colourOf(fate, inks);
  context.fillStyle = colourOf(fate, inks);
  context.lineWidth = fate === "arrived" ? 1 : 1.8;
  context.setLineDash(isLost(fate) ? [4, 3] : []);
  line(context, fromX, fromY, toX, toY);
  if (fate === "copy") line(context, fromX + 3, fromY, toX + 3, toY);
  context.setLineDash([]);
  if (isLost(fate)) cross(context, toX, toY);
  else head(context, fromX, fromY, toX, toY);
};

/** Over all arrows, each on a ground of its own: beside the cross of what is lost, else in the middle. */
const drawName = (context: CanvasRenderingContext2D, text: string, arrow: Arrow, places: NamePlaces, inks: Inks): void => {
  const { fate, fromX, fromY, toX, toY } = arrow;
  const [x, y] = isLost(fate) ? [toX + crossReach, toY] : [(fromX + toX) / 2, (fromY + toY) / 2];
  const { width } = context.measureText(text);
  const start = places.placeOf(text, width, x, y);
  if (start === undefined) return;
  context.globalAlpha = 0.85;
  context.fillStyle = inks.ground;
  context.fillRect(start - 1, y - nameHeight / 2, width + 2, nameHeight);
  context.globalAlpha = 1;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = colourOf(fate, inks);
  context.fillText(text, start, y);
};

const line = (context: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void => {
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
};

/** Half of its width, in pixels. */
const crossReach = 4;

const cross = (context: CanvasRenderingContext2D, x: number, y: number): void => {
  context.lineWidth = 2.2;
  line(context, x - crossReach, y - crossReach, x + crossReach, y + crossReach);
  line(context, x + crossReach, y - crossReach, x - crossReach, y + crossReach);
};

const head = (context: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void => {
  const angle = Math.atan2(toY - fromY, toX - fromX);
  context.beginPath();
  context.moveTo(toX, toY);
  for (const turn of [-0.4, 0.4]) context.lineTo(toX - 7 * Math.cos(angle + turn), toY - 7 * Math.sin(angle + turn));
  context.closePath();
  context.fill();
};
