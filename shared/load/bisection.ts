// Looks for the highest rate that holds what is asked, by halving on a logarithmic scale until it is known closely enough.

/** What is known of the limit: it lies from `holds` to below `fails`. Null: no rate that was tried did so. */
export interface Limit {
  readonly holds: number | null;
  readonly fails: number | null;
}

export class Bisection {
  private readonly low: number;
  private readonly high: number;
  private readonly precision: number;
  private holds: number | null = null;
  private fails: number | null = null;

  /** Within `low` to `high`; ends when the two rates are not further apart than the share `precision`. */
  constructor(low: number, high: number, precision: number) {
    this.low = low;
    this.high = high;
    this.precision = precision;
  }

  /** The next rate to try, or null when there is nothing more to learn. The ends come first: a limit may lie beyond them. */
  get next(): number | null {
    const { holds, fails } = this;
    if (holds === null && fails === null) return this.low;
    if (holds === null) return null;
    if (fails === null) return holds < this.high ? this.high : null;
    if (fails / holds <= 1 + this.precision) return null;
    const middle = Number(Math.sqrt(holds * fails).toPrecision(3));
    // Three digits may be too coarse to lie between.
    return middle > holds && middle < fails ? middle : null;
  }

  /** What came of the rate that was asked for. */
  tell(rate: number, holds: boolean): void {
    if (holds) this.holds = Math.max(rate, this.holds ?? 0);
    else this.fails = Math.min(rate, this.fails ?? Infinity);
  }

  get limit(): Limit {
    return { holds: this.holds, fails: this.fails };
  }
}
