// The axis of time under a drawing: from when, to when, in the unit that leaves few digits.
import { element, hint, words } from "./element.ts";
import { tickText, timeText, type Unit, unitOf } from "./numbers.ts";

/** About so many ticks, at 1, 2 or 5 of some power of ten. */
export const ticksBetween = (from: number, to: number, about: number): readonly number[] => {
  const rough = (to - from) / about;
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) as number);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, place) => (first + place) * step);
};

export interface TimeAxis {
  readonly fromNs: number;
  readonly toNs: number;
  /** What is 0 on it. */
  readonly zeroNs: number;
  readonly left: number;
  readonly right: number;
  /** Each decade as wide as the next, from a microsecond after 0 on: where most happens at once, and the rest much later. */
  readonly logarithmic?: boolean;
}

const firstDecade = 3;

const decadeOf = (ns: number): number => Math.max(firstDecade, Math.log10(Math.max(1, ns)));

/** How far along the axis, from 0 to 1. */
const shareOf = ({ fromNs, toNs, zeroNs, logarithmic }: TimeAxis, at: number): number => {
  if (logarithmic !== true) return (at - fromNs) / Math.max(1, toNs - fromNs);
  return (decadeOf(at - zeroNs) - firstDecade) / Math.max(1, decadeOf(toNs - zeroNs) - firstDecade);
};

/** Where a moment stands; what is outside stands at the nearer end. */
export const xOf = (axis: TimeAxis, at: number): number =>
  axis.left + (axis.right - axis.left) * Math.min(1, Math.max(0, shareOf(axis, at)));

interface Tick {
  readonly atNs: number;
  readonly text: string;
}

const ticksOf = ({ fromNs, toNs, zeroNs, left, right, logarithmic }: TimeAxis, unit: Unit): readonly Tick[] => {
  if (logarithmic === true)
    return Array.from({ length: Math.floor(decadeOf(toNs - zeroNs)) - firstDecade + 1 }, (_, decade) => {
      const ns = 10 ** (firstDecade + decade);
      return { atNs: zeroNs + ns, text: timeText(ns) };
    });
  const about = Math.max(3, Math.round((right - left) / 110));
  return ticksBetween((fromNs - zeroNs) / unit.ns, (toNs - zeroNs) / unit.ns, about).map((tick) => ({
    atNs: zeroNs + tick * unit.ns,
    text: tickText(tick),
  }));
};

/** `y`: of the axis; `top`: how far up its lines go. */
export const timeAxis = (axis: TimeAxis, top: number, y: number, label: string): string => {
  const { fromNs, toNs, right, logarithmic } = axis;
  const unit = unitOf((toNs - fromNs) / 2);
  return [
    ...ticksOf(axis, unit).map(({ atNs, text }) => {
      const x = xOf(axis, atNs);
      return [
        element("line", { x1: x, x2: x, y1: top, y2: y + 4, stroke: "currentColor", "stroke-opacity": 0.12 }),
        words(x, y + 17, text, { "text-anchor": "middle", "font-size": 11, fill: "currentColor" }),
      ].join("");
    }),
    words(right, y + 33, `${label} (${logarithmic === true ? "logarithmic" : unit.name}) →`, {
      "text-anchor": "end",
      "font-size": 11,
      fill: "currentColor",
    }),
  ].join("");
};

/** What goes on while: rounds, faults. */
export interface Band {
  readonly fromNs: number;
  readonly toNs: number;
  readonly name: string;
}

/** Narrower bands keep their name for those who point at them. */
const pixelsPerLetter = 6;

/** Of more bands those that nobody could see are left out: a machine that breaks rules may ask for rounds without end. */
const mostNarrow = 120;

/** Bands of phases behind a drawing, each other one shaded, with their names above. */
export const phaseBands = (axis: TimeAxis, bands: readonly Band[], top: number, bottom: number): string =>
  bands
    .filter(({ fromNs, toNs }) => toNs >= axis.fromNs && fromNs <= axis.toNs)
    .filter(({ fromNs, toNs }) => bands.length <= mostNarrow || xOf(axis, toNs) - xOf(axis, fromNs) >= 1)
    .map(({ fromNs, toNs, name }, place) => {
      const [x, end] = [xOf(axis, fromNs), xOf(axis, toNs)];
      const named = end - x >= name.length * pixelsPerLetter;
      return element(
        "g",
        { class: "phase" },
        hint(name),
        element("rect", {
          x,
          y: top,
          width: Math.max(0.5, end - x),
          height: bottom - top,
          fill: "#8a94a6",
          "fill-opacity": place % 2 === 0 ? 0.16 : 0.07,
        }),
        ...(named ? [words((x + end) / 2, top - 4, name, { "text-anchor": "middle", "font-size": 10, class: "muted", fill: "#555" })] : []),
      );
    })
    .join("");
