// Linear least squares by orthogonal columns, so that columns that are nearly alike lose as few digits as they must.

/** A column of it is this much shorter once what other columns say is taken out: it says nothing of its own. */
const negligible = 1e-10;

interface Decomposition {
  /** Orthonormal columns. */
  readonly q: readonly number[][];
  /** Upper triangular, by row. */
  readonly r: readonly number[][];
}

const dot = (a: readonly number[], b: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
};

/** Modified Gram-Schmidt (A. Bjorck, BIT 7, 1967); null if a column is a sum of those before it. */
const decompose = (columns: readonly (readonly number[])[]): Decomposition | null => {
  const q: number[][] = [];
  const r: number[][] = columns.map(() => columns.map(() => 0));
  for (const [k, column] of columns.entries()) {
    const rest = [...column];
    for (const [j, unit] of q.entries()) {
      const part = dot(unit, rest);
      (r[j] as number[])[k] = part;
      for (let i = 0; i < rest.length; i++) rest[i] = (rest[i] as number) - part * (unit[i] as number);
    }
    const length = Math.sqrt(dot(rest, rest));
    if (!(length > negligible * Math.sqrt(dot(column, column)))) return null;
    (r[k] as number[])[k] = length;
    q.push(rest.map((value) => value / length));
  }
  return { q, r };
};

/** The multiple of each column whose sum is nearest to `y`; null if the columns do not tell. */
export const solve = (columns: readonly (readonly number[])[], y: readonly number[]): readonly number[] | null => {
  const parts = decompose(columns);
  if (parts === null) return null;
  const { q, r } = parts;
  const solution = columns.map(() => 0);
  const rest = [...y];
  // Taken out of `y` one by one, as the columns were of each other: that is what keeps the digits.
  const projected = q.map((unit) => {
    const part = dot(unit, rest);
    for (let i = 0; i < rest.length; i++) rest[i] = (rest[i] as number) - part * (unit[i] as number);
    return part;
  });
  for (let k = columns.length - 1; k >= 0; k--) {
    let value = projected[k] as number;
    const row = r[k] as number[];
    for (let j = k + 1; j < columns.length; j++) value -= (row[j] as number) * (solution[j] as number);
    solution[k] = value / (row[k] as number);
  }
  return solution;
};

/** The standard error of each multiple where every value of `y` has one of 1; null if the columns do not tell. */
export const standardErrors = (columns: readonly (readonly number[])[]): readonly number[] | null => {
  const r = decompose(columns)?.r;
  if (r === undefined) return null;
  // Row by row of the inverse of R: the squared lengths of its rows are the variances.
  return columns.map((_, k) => {
    const row = columns.map(() => 0);
    row[k] = 1 / ((r[k] as number[])[k] as number);
    for (let j = k + 1; j < columns.length; j++) {
      let sum = 0;
      for (let i = k; i < j; i++) sum += (row[i] as number) * ((r[i] as number[])[j] as number);
      row[j] = -sum / ((r[j] as number[])[j] as number);
    }
    return Math.sqrt(dot(row, row));
  });
};
