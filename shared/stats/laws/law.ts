// What a law of growth is: a curve with a few parameters, and how it is laid through points.

/** Points in ascending order of x, each at least 1, with the error that each `y` is taken to have. */
export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly error: readonly number[];
}

export type LawName = "constant" | "logarithm" | "line" | "exponential-arrivals" | "normal-arrivals" | "heavy-tail" | "scalability";

export interface Law {
  readonly name: LawName;
  /** With N for what grows and the parameters by name. */
  readonly formula: string;
  /** What would make a time grow so. */
  readonly because: string;
  /** True of a law of N parts that do something each: where N is an amount (of time, of loss), it says nothing. */
  readonly isOfParts: boolean;
  readonly parameters: readonly string[];
  /** Laws that this one becomes for some value of a parameter, or comes as near to as one likes: where they fit as well, they are enough. */
  readonly contains: readonly LawName[];
  /** The parameters of the least weighted squares; null if the points do not tell, or ask for parameters that make no sense. */
  readonly fit: (curve: Curve) => readonly number[] | null;
  readonly valueAt: (x: number, parameters: readonly number[]) => number;
  /** How the value changes with each parameter. */
  readonly gradientAt: (x: number, parameters: readonly number[]) => readonly number[];
}

/** The columns of a function of x with several values, over all points, each in units of its point's error. */
export const weighted = ({ x, error }: Curve, rowAt: (x: number) => readonly number[], width: number): number[][] => {
  const columns = Array.from({ length: width }, () => x.map(() => 0));
  for (const [i, at] of x.entries()) {
    const row = rowAt(at);
    for (const [k, column] of columns.entries()) column[i] = (row[k] as number) / (error[i] as number);
  }
  return columns;
};

export const weightedValues = ({ y, error }: Curve): readonly number[] => y.map((value, i) => value / (error[i] as number));

/** The squares that a fit leaves, each in units of its point's error. */
export const squaresLeft = (law: Law, parameters: readonly number[], { x, y, error }: Curve): number => {
  let sum = 0;
  for (const [i, at] of x.entries()) sum += (((y[i] as number) - law.valueAt(at, parameters)) / (error[i] as number)) ** 2;
  return sum;
};
