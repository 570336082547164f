// Draws CPUs against time on a canvas: states as an image made dot by dot, and over it phases, marks, the time that is looked at.
import { mostTicks, ticksOf } from "../../../shared/page/frame.ts";
import { dotsOf, hatchDotOf, type Scheme } from "../../../shared/page/look.ts";
import { codeOf } from "../../../shared/page/pageStates.ts";
import { type Frame, nothing, raster } from "../../../shared/page/raster.ts";
import type { Recording } from "../../../shared/page/recording.ts";
import { inksOf } from "./scheme.ts";

/** Room beside the states, in pixels of the style sheet. */
export const margin = { left: 62, top: 18, bottom: 22, right: 8 } as const;

export interface Picture {
  readonly recording: Recording;
  readonly frame: Frame;
  readonly at: number;
  readonly chosen: number | null;
  readonly scheme: Scheme;
}

/** A plot inside a canvas. */
interface Plot {
  readonly width: number;
  readonly height: number;
  readonly x: (at: number) => number;
  readonly y: (cpu: number) => number;
}

const unknown = codeOf("unknown");

/** From one slanting line to the next. */
const hatchPixels = 6;

const font = "11px system-ui, sans-serif";

/** What is kept from one drawing to the next: the room that a drawing needs. */
export class Painter {
  private readonly canvas: HTMLCanvasElement;
  private image: ImageData | undefined;
  private dots = new Uint8Array(0);
  private painted: Pick<Picture, "recording" | "frame" | "scheme"> | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
  }

  paint(picture: Picture): void {
    const { canvas } = this;
    const ratio = devicePixelRatio;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (width === 0 || height === 0) return;
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null) throw new Error("this browser draws on no canvas");
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = inksOf(picture.scheme).ground;
    context.fillRect(0, 0, canvas.width, canvas.height);
    this.states(context, picture, ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = font;
    const plot = plotOf(picture.frame, width - margin.left - margin.right, height - margin.top - margin.bottom);
    drawLines(context, picture, plot);
    drawBands(context, picture, plot);
    drawMarks(context, picture, plot);
    drawAxes(context, picture, plot);
    drawCursor(context, picture, plot);
  }

  private states(context: CanvasRenderingContext2D, { recording, frame, scheme }: Picture, ratio: number): void {
    const width = Math.floor((this.canvas.clientWidth - margin.left - margin.right) * ratio);
    const height = Math.floor((this.canvas.clientHeight - margin.top - margin.bottom) * ratio);
    if (width < 1 || height < 1) return;
    if (this.image?.width !== width || this.image.height !== height) {
      this.image = context.createImageData(width, height);
      this.dots = new Uint8Array(width * height);
      this.painted = undefined;
    }
    const { painted, image } = this;
    // While time goes on only a line moves.
    if (painted?.recording !== recording || painted.frame !== frame || painted.scheme !== scheme)
      this.dot({ recording, frame, scheme }, image);
    context.putImageData(image, Math.round(margin.left * ratio), Math.round(margin.top * ratio));
  }

  private dot({ recording, frame, scheme }: Pick<Picture, "recording" | "frame" | "scheme">, image: ImageData): void {
    raster(recording.spans, frame, image.width, image.height, this.dots);
    const colours = new Uint32Array(nothing + 1);
    colours.set(dotsOf(scheme));
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = colours[this.dots[i] as number] as number;
    this.hatch(pixels, image.width, hatchDotOf(scheme));
    this.painted = { recording, frame, scheme };
  }

  /** Slanting lines where nothing is known. */
  private hatch(pixels: Uint32Array, width: number, colour: number): void {
    const { dots } = this;
    for (let i = dots.indexOf(unknown); i >= 0; i = dots.indexOf(unknown, i + 1))
      if (((i % width) + Math.floor(i / width)) % hatchPixels === 0) pixels[i] = colour;
  }
}

const plotOf = ({ fromNs, toNs, firstCpu, cpus }: Frame, width: number, height: number): Plot => ({
  width,
  height,
  x: (at) => margin.left + ((at - fromNs) / (toNs - fromNs)) * width,
  y: (cpu) => margin.top + ((cpu - firstCpu) / cpus) * height,
});

/** Between CPUs, where there is room for a line. */
const drawLines = (context: CanvasRenderingContext2D, { frame, scheme }: Picture, { width, height, y }: Plot): void => {
  if (height / frame.cpus < 6) return;
  context.fillStyle = inksOf(scheme).ground;
  for (let cpu = Math.ceil(frame.firstCpu); cpu <= frame.firstCpu + frame.cpus; cpu++)
    context.fillRect(margin.left, y(cpu) - 0.5, width, 1);
};

const isInSight = ({ fromNs, toNs }: Frame, from: number, until = from): boolean => until >= fromNs && from <= toNs;

/** The rounds above the states, by name where there is room for it. */
const drawBands = (context: CanvasRenderingContext2D, { recording, frame, scheme }: Picture, { width, height, x }: Plot): void => {
  const inks = inksOf(scheme);
  context.textAlign = "left";
  context.textBaseline = "middle";
  const right = margin.left + width;
  let written = 0;
  for (const { from, until, phase } of recording.bands) {
    if (!isInSight(frame, from, until)) continue;
    const left = Math.max(margin.left, x(from));
    context.fillStyle = inks.quiet;
    context.globalAlpha = 0.5;
    context.fillRect(left, margin.top - 6, 1, height + 6);
    context.globalAlpha = 1;
    const room = Math.min(right, x(Math.min(until, frame.toNs))) - left;
    const wide = context.measureText(phase).width;
    if (room < wide + 6 || left < written) continue;
    context.fillText(phase, left + 3, margin.top / 2);
    written = left + wide + 6;
  }
};

/** From one mark to the next. */
const markPixels = 14;

/** Triangles for faults, crosses for violations: told apart by shape. */
const drawMarks = (context: CanvasRenderingContext2D, { recording, frame, scheme }: Picture, { x, y }: Plot): void => {
  const inks = inksOf(scheme);
  // Marks of one kind and row that would hide one another are one mark: a fault of packets strikes all the time.
  const drawn = new Map<string, number>();
  for (const { is, at, actor } of recording.marks) {
    if (!isInSight(frame, at)) continue;
    const onCpu = actor !== undefined && actor >= 0 && actor >= frame.firstCpu && actor < frame.firstCpu + frame.cpus;
    const row = `${is} ${onCpu ? actor : ""}`;
    if (x(at) - (drawn.get(row) ?? Number.NEGATIVE_INFINITY) < markPixels) continue;
    drawn.set(row, x(at));
    drawMark(context, is, x(at), onCpu ? y(actor + 0.5) : margin.top + 4, inks);
  }
};

const drawMark = (
  context: CanvasRenderingContext2D,
  is: "fault" | "violation",
  x: number,
  y: number,
  { bad, ground }: Pick<ReturnType<typeof inksOf>, "bad" | "ground">,
): void => {
  context.beginPath();
  if (is === "fault") {
    context.moveTo(x, y - 6);
    context.lineTo(x + 6, y + 5);
    context.lineTo(x - 6, y + 5);
    context.closePath();
    context.fillStyle = bad;
    context.fill();
    context.strokeStyle = ground;
    context.lineWidth = 1.5;
    context.stroke();
    return;
  }
  for (const [colour, lineWidth] of [
    [ground, 6],
    [bad, 3],
  ] as const) {
    context.beginPath();
    context.moveTo(x - 6, y - 6);
    context.lineTo(x + 6, y + 6);
    context.moveTo(x + 6, y - 6);
    context.lineTo(x - 6, y + 6);
    context.strokeStyle = colour;
    context.lineWidth = lineWidth;
    context.stroke();
  }
};

const pixelsALabel = 16;

const drawAxes = (context: CanvasRenderingContext2D, { frame, scheme, recording }: Picture, { width, height, x, y }: Plot): void => {
  context.fillStyle = inksOf(scheme).quiet;
  context.textBaseline = "top";
  context.textAlign = "center";
  const { at, label } = ticksOf(frame, mostTicks(width));
  let written = 0;
  for (const tick of at) {
    context.fillRect(x(tick), margin.top + height, 1, 4);
    const text = label(tick);
    const half = context.measureText(text).width / 2;
    const middle = Math.max(half, Math.min(margin.left + width - half, x(tick)));
    if (middle - half < written) continue;
    context.fillText(text, middle, margin.top + height + 6);
    written = middle + half + 6;
  }
  context.textBaseline = "middle";
  context.textAlign = "right";
  const least = (frame.cpus * pixelsALabel) / height;
  const step = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].find((each) => each >= least) ?? 2048;
  const end = Math.min(recording.cpus, frame.firstCpu + frame.cpus);
  for (let cpu = Math.ceil(frame.firstCpu / step) * step; cpu < end; cpu += step)
    context.fillText(`cpu ${cpu}`, margin.left - 5, y(cpu + 0.5));
};

const drawCursor = (context: CanvasRenderingContext2D, { frame, at, chosen, scheme }: Picture, { width, height, x, y }: Plot): void => {
  const { accent } = inksOf(scheme);
  if (isInSight(frame, at)) {
    context.fillStyle = accent;
    context.fillRect(x(at) - 1, margin.top - 6, 2, height + 6);
  }
  if (chosen === null || chosen + 1 <= frame.firstCpu || chosen >= frame.firstCpu + frame.cpus) return;
  context.strokeStyle = accent;
  context.lineWidth = 1.5;
  const top = Math.max(margin.top, y(chosen));
  context.strokeRect(margin.left, top, width, Math.max(2, Math.min(margin.top + height, y(chosen + 1)) - top));
};
