// One line of the calibration table: a simulated figure beside a published one, and the verdict that follows from the two numbers.
import type { Spread } from "./sample.ts";

export interface Line {
  readonly quantity: string;
  readonly unit: string;
  readonly simulated: Spread;
  /** A published figure that is a range has two ends; one observation is its own range. */
  readonly published: Spread;
  /** The constant behind the simulated figure is this very publication: agreement is given, and what is tested is the way to it. */
  readonly given?: boolean;
  /** Where the published figure comes from, and under which conditions. */
  readonly source: string;
  /** Why it is off, or what the agreement is worth. */
  readonly why: string;
}

/** A chapter of the document: one machine, its lines, and what else there is to see. */
export interface Chapter {
  readonly title: string;
  /** What was simulated, and how the figure is read from a run. */
  readonly method: string;
  readonly lines: readonly Line[];
  readonly tables?: readonly Table[];
}

export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
}

/** A figure that somebody saw once, or said without a range. */
export const exactly = (value: number): Spread => ({ low: value, median: value, high: value });

/** A figure that was published as "from low to high". */
export const between = (low: number, high: number): Spread => ({ low, median: (low + high) / 2, high });

/** Three significant digits, without an exponent; a whole number as it is. */
export const digits = (value: number): string => {
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(3));
  const places = Number.isInteger(value) ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded))));
  const text = rounded.toFixed(places);
  return Math.abs(rounded) >= 1_000 ? text.replaceAll(/\B(?=(\d{3})+$)/g, ",") : text;
};

export const spreadText = ({ low, median, high }: Spread): string =>
  digits(low) === digits(high) ? digits(median) : `${digits(median)} (${digits(low)}–${digits(high)})`;

export const ratioOf = ({ simulated, published }: Line): number => simulated.median / published.median;

const holds = ({ low, high }: Spread, value: number): boolean => value >= low && value <= high;

/** How far the simulated median is from the nearest published value: never below 1. */
const factorOff = ({ simulated, published }: Line): number =>
  Math.max(1, published.low / simulated.median, simulated.median / published.high);

/** Off by more than this is a miss. */
const nearEnough = 2;

/** Matches: one's middle lies in the other's range, or is the same to a tenth. */
export const verdictOf = (line: Line): string => {
  const off = factorOff(line);
  const given = line.given === true;
  if (off <= 1.1 || holds(line.simulated, line.published.median)) return given ? "given" : "matches";
  if (off <= nearEnough) return `${given ? "given, " : ""}within ${digits(off)} ×`;
  return `misses: ${digits(off)} × too ${line.simulated.median < line.published.low ? "small" : "large"}`;
};
