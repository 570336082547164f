// Moving about in a picture of CPUs against time: zoom and pan, kept within the run.
import type { Frame } from "./raster.ts";

export interface Bounds {
  readonly endNs: number;
  readonly cpus: number;
}

/** Nobody sees more closely than this. */
const shortestNs = 20;

const within = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** All of the run. One that has no length shows a microsecond. */
export const wholeOf = ({ endNs, cpus }: Bounds): Frame => ({ fromNs: 0, toNs: Math.max(1000, endNs), firstCpu: 0, cpus });

/** The run without its start, if anything was asked of anybody: there is little to see of machines that come up. */
export const eventfulOf = (bounds: Bounds, bands: ReadonlyArray<{ readonly from: number }>): Frame => {
  const whole = wholeOf(bounds);
  const [first] = bands;
  if (first === undefined) return whole;
  return { ...whole, fromNs: Math.max(0, first.from - 0.06 * (whole.toNs - first.from)) };
};

const clamped = ({ fromNs, toNs, firstCpu, cpus }: Frame, bounds: Bounds): Frame => {
  const whole = wholeOf(bounds);
  const lengthNs = within(toNs - fromNs, shortestNs, whole.toNs);
  const rows = within(cpus, Math.min(4, bounds.cpus), bounds.cpus);
  const from = within(fromNs, 0, whole.toNs - lengthNs);
  return { fromNs: from, toNs: from + lengthNs, firstCpu: within(firstCpu, 0, bounds.cpus - rows), cpus: rows };
};

/** `factor` below 1 comes nearer. `x` and `y` are where it stays in place, in shares of the picture. */
export const zoomed = (
  frame: Frame,
  bounds: Bounds,
  { x, y, time = 1, cpus = 1 }: { readonly x: number; readonly y: number; readonly time?: number; readonly cpus?: number },
): Frame => {
  const lengthNs = frame.toNs - frame.fromNs;
  const newLength = within(lengthNs * time, shortestNs, wholeOf(bounds).toNs);
  const newCpus = within(frame.cpus * cpus, Math.min(4, bounds.cpus), bounds.cpus);
  const fromNs = frame.fromNs + x * (lengthNs - newLength);
  return clamped({ fromNs, toNs: fromNs + newLength, firstCpu: frame.firstCpu + y * (frame.cpus - newCpus), cpus: newCpus }, bounds);
};

/** By shares of the picture. */
export const moved = (frame: Frame, bounds: Bounds, x: number, y: number): Frame => {
  const byNs = x * (frame.toNs - frame.fromNs);
  return clamped(
    { fromNs: frame.fromNs + byNs, toNs: frame.toNs + byNs, firstCpu: frame.firstCpu + y * frame.cpus, cpus: frame.cpus },
    bounds,
  );
};

/** The least move that brings this time into the picture, with a margin. */
export const showing = (frame: Frame, bounds: Bounds, at: number): Frame => {
  if (at >= frame.fromNs && at <= frame.toNs) return frame;
  const length = frame.toNs - frame.fromNs;
  const margin = 0.1 * length;
  return moved(frame, bounds, (at < frame.fromNs ? at - margin - frame.fromNs : at + margin - frame.toNs) / length, 0);
};

export interface Ticks {
  readonly at: readonly number[];
  readonly label: (at: number) => string;
}

const units = [
  { ns: 1e9, name: "s" },
  { ns: 1e6, name: "ms" },
  { ns: 1e3, name: "us" },
  { ns: 1, name: "ns" },
] as const;

/** How many times stand below a picture of this width in pixels, so that none touches another; of a narrow one still a few. */
export const mostTicks = (width: number): number => Math.max(5, width / 110);

/** Round times, at most `most` of them, in one unit with as many decimals as tell them apart. */
export const ticksOf = ({ fromNs, toNs }: Pick<Frame, "fromNs" | "toNs">, most: number): Ticks => {
  const least = (toNs - fromNs) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = Math.max(1, ([1, 2, 5, 10].find((times) => times * power >= least) ?? 10) * power);
  const unit = units.find(({ ns }) => toNs >= ns) ?? units[3];
  const decimals = Math.max(0, Math.ceil(Math.log10(unit.ns / step) - 1e-9));
  const at: number[] = [];
  for (let tick = Math.ceil(fromNs / step); tick * step <= toNs; tick++) at.push(tick * step);
  return { at, label: (time) => `${(time / unit.ns).toFixed(decimals)} ${unit.name}` };
};

/** A time as people read it: four digits or, of long ones, as many as there are before the point. */
export const timeText = (ns: number): string => {
  if (ns === 0) return "0";
  const { ns: one, name } = units.find((unit) => Math.abs(ns) >= unit.ns) ?? units[3];
  const value = ns / one;
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))));
  return `${name === "ns" ? Math.round(value) : Number(value.toFixed(digits))} ${name}`;
};
