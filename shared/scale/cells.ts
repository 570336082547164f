// The cells of a sweep: every combination of the values of its axes, small machines first.

/** A setting that is given several values. */
export interface Axis {
  readonly name: string;
  /** As they were written. */
  readonly values: readonly string[];
}

/** One value of each axis, by the axis's name. */
export type Point = Readonly<Record<string, string>>;

/** More cells than anybody reads. */
export const mostCells = 10_000;

/** Every combination, the last list running fastest. */
export const combinations = <T>(lists: ReadonlyArray<readonly T[]>): ReadonlyArray<readonly T[]> =>
  lists.reduce<ReadonlyArray<readonly T[]>>((heads, list) => heads.flatMap((head) => list.map((item) => [...head, item])), [[]]);

export const cellCount = (axes: readonly Axis[]): number => axes.reduce((count, { values }) => count * values.length, 1);

/** Names a cell within its sweep: `cpus=8 model=simple`. */
export const keyOf = (point: Point): string =>
  Object.entries(point)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
