// Arrivals and answers of the whole machine, counted in bins of equal width from the start of the run.

/** Four million bins: 32 MB for both counts. */
export const mostBins = 1 << 22;

/** So many arrivals a bin on the average that a Poisson count varies by less than a quarter. */
const arrivalsPerBin = 20;

/** As narrow as the rate lets it, from 100 us to 100 ms; wider only where the run is longer than `mostBins` of them. */
export const binNsFor = (perSecond: number, runNs: number): number =>
  Math.max(100_000, Math.min(100_000_000, Math.round((arrivalsPerBin * 1e9) / perSecond)), Math.ceil((2 * runNs) / mostBins));

/** Counts by bin; what comes later than the last possible bin is counted in that. */
export class Series {
  readonly binNs: number;
  private counts = new Uint32Array(1024);
  /** One more than the last bin with anything in it. */
  length = 0;

  constructor(binNs: number) {
    this.binNs = binNs;
  }

  add(at: number): void {
    const bin = Math.min(mostBins - 1, Math.floor(at / this.binNs));
    if (bin >= this.counts.length) {
      const grown = new Uint32Array(Math.min(mostBins, Math.max(2 * this.counts.length, bin + 1)));
      grown.set(this.counts);
      this.counts = grown;
    }
    this.counts[bin] = (this.counts[bin] as number) + 1;
    this.length = Math.max(this.length, bin + 1);
  }

  in(bin: number): number {
    return this.counts[bin] ?? 0;
  }
}
