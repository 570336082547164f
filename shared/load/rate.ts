// Rates as load plans write them (`2k/s`), and sweeps of them (`2k/s..50k/s in 5`).
import { loadLimits } from "../kernel/requests/plan.ts";
import { fail, peek, type Reader, take } from "../nemesis/reader.ts";

export const rateHint = "a rate (like 500/s, 2k/s or 1.5M/s)";

const factors: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6 };

/** Requests a second, or undefined if the word is no rate above 0. */
export const rateOf = (word: string): number | undefined => {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)([kM]?)\/s$/.exec(word);
  if (match === null) return undefined;
  // A decimal fraction of a thousand is rarely exact in binary.
  const perSecond = Math.round(Number(match[1]) * (factors[match[2] ?? ""] as number) * 1e6) / 1e6;
  return perSecond > 0 && perSecond <= loadLimits.perSecond ? perSecond : undefined;
};

export const takeRate = (reader: Reader): number => take(reader, rateHint, rateOf);

export const printRate = (perSecond: number): string => {
  if (perSecond >= 1e6 && perSecond % 1e3 === 0) return `${perSecond / 1e6}M/s`;
  return perSecond >= 1e3 && perSecond % 1 === 0 ? `${perSecond / 1e3}k/s` : `${perSecond}/s`;
};

/** The rates of a sweep, ascending. */
export interface Sweep {
  readonly low: number;
  readonly high: number;
  readonly steps: number;
}

/** More steps than anybody would read. */
const mostSteps = 100;

const usualSteps = 5;

const endsOf = (word: string): readonly [number, number] | undefined => {
  const [low, high, ...rest] = word.split("..").map(rateOf);
  if (low === undefined || rest.length > 0 || (word.includes("..") && high === undefined)) return undefined;
  return [low, high ?? low];
};

/** `2k/s`, `2k/s..50k/s` or `2k/s..50k/s in 8`, to the end of the text. */
export const takeSweep = (reader: Reader): Sweep => {
  const [low, high] = take(reader, `${rateHint} or a sweep of them (like 2k/s..50k/s)`, endsOf);
  if (low > high) {
    reader.next--;
    return fail(reader, (place) => `${place} begins above its end`);
  }
  if (peek(reader).text === "") return { low, high, steps: low === high ? 1 : usualSteps };
  take(reader, '"in", with a number of steps', (word) => (word === "in" ? word : undefined));
  const steps = take(reader, `a number of steps from 2 to ${mostSteps}`, (word) =>
    /^\d{1,3}$/.test(word) && Number(word) >= 2 && Number(word) <= mostSteps ? Number(word) : undefined,
  );
  return peek(reader).text === "" ? { low, high, steps } : fail(reader, (place) => `${place} stands behind the sweep`);
};

/** Evenly spaced on a logarithmic scale, both ends included, to three digits. */
export const ratesOf = ({ low, high, steps }: Sweep): readonly number[] =>
  Array.from({ length: steps }, (_, i) => {
    if (i === 0) return low;
    return i === steps - 1 ? high : Number((low * (high / low) ** (i / (steps - 1))).toPrecision(3));
  });
