// What an operation did to the machine's service: a dip in the rate of answers, a backlog that is worked off, and when all is as before.
//
// The shape is the "resilience triangle" of Bruneau et al. (Earthquake Spectra 19(4), 2003): how deep, how long, and the area between
// what was served and what would have been. docs/load.md has the formulas.
import { mostBins, type Series } from "./series.ts";

export interface Perturbation {
  /** 1 - (fewest answers in a bin) / (mean of a bin before): 0 no dip, 1 nothing was served. */
  readonly depth: number;
  /** The same over as many bins before the operation: a depth that is not above it is nothing but chance. */
  readonly noise: number;
  /** Full width at half the depth, about the deepest bin. */
  readonly widthUs: number;
  /** Requests that had arrived and not been answered beyond those usually in the machine, at the worst moment. */
  readonly area: number;
  /** From the operation's end until the backlog is as before (within two standard deviations); null if it never was. */
  readonly recoveryUs: number | null;
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Too few bins before to say what is usual. */
const fewestBins = 8;

/** `usual`: the time before that says what is usual. `until`: where the next disturbance begins. Null if there is no time before. */
export const perturbationOf = (books: Books, usual: Stretch, operation: Stretch, until: number): Perturbation | null => {
  const { binNs } = books;
  const baseFrom = Math.ceil(usual.from / binNs);
  const baseTo = Math.floor(usual.to / binNs);
  if (baseTo - baseFrom < fewestBins) return null;
  const served = momentsOf(baseFrom, baseTo, (bin) => books.served.in(bin));
  const backlog = momentsOf(baseFrom, baseTo, (bin) => books.backlogAt(bin));
  if (served.mean === 0) return null;
  const first = Math.floor(operation.from / binNs);
  const last = Math.min(Math.floor(until / binNs), books.length) - 1;
  const closing = Math.min(last, Math.floor(operation.to / binNs));
  const isUsual = (bin: number): boolean => books.backlogAt(bin) <= backlog.mean + 2 * backlog.deviation;
  let recovered = closing;
  while (recovered <= last && !isUsual(recovered)) recovered++;
  const end = Math.min(recovered, last);
  const dip = dipOf(books, first, end, served.mean);
  const noiseFrom = Math.max(baseFrom, baseTo - (end - first + 1));
  return {
    depth: dip.depth,
    noise: dipOf(books, noiseFrom, baseTo - 1, served.mean).depth,
    widthUs: (dip.bins * binNs) / 1000,
    area: Math.max(0, peakOf(books, first, end) - backlog.mean),
    recoveryUs: recovered > last ? null : Math.max(0, ((recovered + 1) * binNs - operation.to) / 1000),
  };
};

/** Arrivals, answers and what is between them, by bin. */
export class Books {
  readonly binNs: number;
  readonly length: number;
  readonly served: Series;
  private readonly backlog: Float64Array;

  constructor(arrived: Series, served: Series) {
    this.binNs = served.binNs;
    this.served = served;
    this.length = Math.min(mostBins, Math.max(arrived.length, served.length));
    this.backlog = new Float64Array(this.length);
    let inside = 0;
    for (let bin = 0; bin < this.length; bin++) {
      inside += arrived.in(bin) - served.in(bin);
      this.backlog[bin] = inside;
    }
  }

  /** Requests in the machine at the end of the bin. */
  backlogAt(bin: number): number {
    return this.backlog[bin] ?? 0;
  }
}

const momentsOf = (from: number, to: number, countOf: (bin: number) => number): { readonly mean: number; readonly deviation: number } => {
  let sum = 0;
  let squares = 0;
  for (let bin = from; bin < to; bin++) {
    const value = countOf(bin);
    sum += value;
    squares += value * value;
  }
  const mean = sum / (to - from);
  return { mean, deviation: Math.sqrt(Math.max(0, squares / (to - from) - mean * mean)) };
};

const peakOf = (books: Books, from: number, to: number): number => {
  let peak = 0;
  for (let bin = from; bin <= to; bin++) peak = Math.max(peak, books.backlogAt(bin));
  return peak;
};

/** The deepest bin, and how many about it are at most half as good as usual is better than it. */
const dipOf = (books: Books, from: number, to: number, usual: number): { readonly depth: number; readonly bins: number } => {
  let deepest = from;
  for (let bin = from; bin <= to; bin++) if (books.served.in(bin) < books.served.in(deepest)) deepest = bin;
  const depth = Math.max(0, 1 - books.served.in(deepest) / usual);
  if (depth === 0) return { depth, bins: 0 };
  const isInDip = (bin: number): boolean => bin >= from && bin <= to && books.served.in(bin) <= usual * (1 - depth / 2);
  let low = deepest;
  let high = deepest;
  while (isInDip(low - 1)) low--;
  while (isInDip(high + 1)) high++;
  return { depth, bins: high - low + 1 };
};
