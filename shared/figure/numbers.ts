// Numbers as every picture and page writes them: groups of three digits, a unit behind a space, one thing or several.
//
// The command line writes ASCII (`us`, no groups), so that its output can be searched and cut; here there are readers only.

/** Narrow, and no place to break a line. */
const thin = "\u202f";

/** `12345.6` as `12 345.6`, with a thin space. */
export const countText = (count: number): string => {
  const [whole = "", ...fraction] = String(count).split(".");
  return [whole.replaceAll(/\B(?=(\d{3})+$)/g, thin), ...fraction].join(".");
};

/** `1 run`, `2 runs`. */
export const plural = (count: number, what: string): string => `${countText(count)} ${what}${count === 1 ? "" : "s"}`;

export const shareText = (share: number): string => {
  const percent = 100 * share;
  return `${percent === 0 || percent >= 10 ? percent.toFixed(percent === 100 || percent === 0 ? 0 : 1) : percent.toPrecision(2)} %`;
};

const units = [
  { name: "s", ns: 1e9 },
  { name: "ms", ns: 1e6 },
  { name: "µs", ns: 1e3 },
  { name: "ns", ns: 1 },
] as const;

export type Unit = (typeof units)[number];

/** In which an axis of so long has few digits. */
export const unitOf = (ns: number): Unit => units.find((unit) => ns >= 2 * unit.ns) ?? units[3];

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** A stretch of time in three digits: `1.47 s`. */
export const timeText = (ns: number): string => {
  if (ns === 0) return "0";
  const { name, ns: one } = unitOf(ns / 0.5);
  return `${countText(Number(digits(ns / one)))} ${name}`;
};

/** A number on an axis. */
export const tickText = (tick: number): string => countText(Number(tick.toPrecision(6)));

/** A sentence that was made for the command line. */
export const typeset = (sentence: string): string =>
  sentence
    .replaceAll(/(?<=\d )us\b/g, "µs")
    .replaceAll(/(?<=\d),(?=\d{3}(?!\d))/g, thin)
    .replaceAll(" x ", " × ")
    .replaceAll(" - ", " − ")
    .replaceAll(/\bR2 /g, "R² ");
