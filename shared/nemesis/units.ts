// Durations, spans of them, shares and ordinals, as faults write them.
import { below, type Random } from "../machine/random.ts";
import { fail, type Reader, take } from "./reader.ts";

/** From the largest: a duration is printed in the first one in which it is whole. */
const units = [
  { name: "s", digits: 9 },
  { name: "ms", digits: 6 },
  { name: "us", digits: 3 },
  { name: "ns", digits: 0 },
] as const;

const durationHint = "a duration (like 200us, 5ms or 1s)";

/** Eleven days: sums of several such durations are still exact integers. */
const longestNs = 1e15;

/** By digits, because 0.07 * 100 is not 7. */
const durationOf = (word: string): number | undefined => {
  const match = /^(\d{1,16})(?:\.(\d{1,9}))?(ns|us|ms|s)$/.exec(word);
  const unit = units.find(({ name }) => name === match?.[3]);
  const fraction = match?.[2] ?? "";
  if (match === null || unit === undefined || fraction.length > unit.digits) return undefined;
  const ns = Number(match[1]) * 10 ** unit.digits + Number(fraction.padEnd(unit.digits, "0"));
  return ns <= longestNs ? ns : undefined;
};

export const takeDuration = (reader: Reader): number => take(reader, durationHint, durationOf);

/** Where no time at all would mean no fault at all. */
export const takeSomeTime = (reader: Reader): number =>
  take(reader, "a duration above 0 (like 200us, 5ms or 1s)", (word) => durationOf(word) || undefined);

export const printDuration = (ns: number): string => {
  const unit = units.find(({ digits }) => ns !== 0 && ns % 10 ** digits === 0) ?? units[3];
  return `${ns / 10 ** unit.digits}${unit.name}`;
};

/** Durations from `lowNs` to `highNs`, both included, all alike. */
export interface Span {
  readonly lowNs: number;
  readonly highNs: number;
}

const spanOf = (word: string): Span | undefined => {
  const [low, high, ...rest] = word.split("..").map(durationOf);
  if (low === undefined || rest.length > 0 || (word.includes("..") && high === undefined)) return undefined;
  return { lowNs: low, highNs: high ?? low };
};

export const takeSpan = (reader: Reader): Span => {
  const span = take(reader, "a duration or a span (like 50us or 200us..1ms)", spanOf);
  if (span.lowNs <= span.highNs) return span;
  reader.next--;
  return fail(reader, (place) => `${place} begins above its end`);
};

export const printSpan = ({ lowNs, highNs }: Span): string =>
  lowNs === highNs ? printDuration(lowNs) : `${printDuration(lowNs)}..${printDuration(highNs)}`;

export const drawFrom = ({ lowNs, highNs }: Span, random: Random): number => lowNs + below(random, highNs - lowNs + 1);

/** Six decimals at most, which is what a double prints back without an exponent. */
export const percentOf = (word: string): number | undefined => {
  const match = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(word);
  const percent = Number(match?.[1]);
  return match !== null && percent <= 100 ? percent : undefined;
};

/** A number of packets. */
export const takeCount = (reader: Reader): number =>
  take(reader, "a number of packets from 1 on", (word) => (/^[1-9]\d{0,8}$/.test(word) ? Number(word) : undefined));

export const ordinalOf = (word: string): number | undefined => {
  const match = /^([1-9]\d{0,8})(?:st|nd|rd|th)$/.exec(word);
  return match === null ? undefined : Number(match[1]);
};

export const printOrdinal = (n: number): string => {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${(teen ? undefined : ["th", "st", "nd", "rd"][n % 10]) ?? "th"}`;
};
