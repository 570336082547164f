// Numbers against time that grow as a run goes on, and stay few enough to be drawn: when they are too many, every second one goes.

const most = 8192;

export class Series {
  length = 0;
  readonly at = new Float64Array(most);
  private readonly columns: readonly Float64Array[];

  constructor(columns: number) {
    this.columns = Array.from({ length: columns }, () => new Float64Array(most));
  }

  /** Two of one moment are one. */
  push(at: number, values: ArrayLike<number>): void {
    if (this.length > 0 && this.at[this.length - 1] === at) this.length--;
    if (this.length === most) this.thin();
    this.at[this.length] = at;
    for (const [i, column] of this.columns.entries()) column[this.length] = values[i] as number;
    this.length++;
  }

  private thin(): void {
    for (const column of [this.at, ...this.columns]) for (let i = 0; 2 * i < most; i++) column[i] = column[2 * i] as number;
    this.length = most / 2;
  }

  column(place: number): Float64Array {
    return (this.columns[place] as Float64Array).subarray(0, this.length);
  }

  /** The last value at or before a time; 0 before the first. */
  valueAt(place: number, at: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : ((this.columns[place] as Float64Array)[low - 1] as number);
  }
}
