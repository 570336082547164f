// Columns of text: a table where there is room for it, else a block of lines for each row.

export const colourOf = { red: 31, green: 32, yellow: 33, bold: 1 } as const;

export type Colour = keyof typeof colourOf;

/** A text and how it looks. Its width is that of the text. */
export interface Cell {
  readonly text: string;
  readonly colour?: Colour;
}

export interface Column<R> {
  readonly title: string;
  readonly cell: (row: R) => Cell | string;
}

export interface Page {
  /** Infinity where nobody cuts lines off. */
  readonly columns: number;
  readonly colours: boolean;
}

export const paint = ({ text, colour }: Cell, { colours }: Pick<Page, "colours">): string =>
  colours && colour !== undefined ? `\u001b[${colourOf[colour]}m${text}\u001b[0m` : text;

const cellOf = (cell: Cell | string): Cell => (typeof cell === "string" ? { text: cell } : cell);

const gap = "  ";

/** Words or cells in lines no wider than the page, as far as they can be parted. */
const wrapped = (parts: readonly string[], indent: string, columns: number): readonly string[] => {
  const lines: string[] = [];
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? `${indent}${part}` : `${line}${gap}${part}`;
    if (line !== "" && longer.length > columns) {
      lines.push(line);
      line = `${indent}${part}`;
    } else line = longer;
  }
  return line === "" ? lines : [...lines, line];
};

const blocks = <R>(columns: ReadonlyArray<Column<R>>, rows: readonly R[], page: Page): readonly string[] => {
  const [head, ...others] = columns as readonly [Column<R>, ...Column<R>[]];
  return rows.flatMap((row) => {
    const parts = others.map(({ title, cell }) => `${title.toLowerCase()} ${cellOf(cell(row)).text}`);
    return [`${gap}${paint({ text: cellOf(head.cell(row)).text, colour: "bold" }, page)}`, ...wrapped(parts, gap + gap, page.columns)];
  });
};

/** The first column names the row. */
export const table = <R>(columns: ReadonlyArray<Column<R>>, rows: readonly R[], page: Page): readonly string[] => {
  const cells = rows.map((row) => columns.map(({ cell }) => cellOf(cell(row))));
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((line) => line[i]?.text.length ?? 0)));
  const width = widths.reduce((sum, one) => sum + gap.length + one, 0);
  if (width > page.columns) return blocks(columns, rows, page);
  const lineOf = (line: readonly Cell[]): string =>
    line
      .map((cell, i) => `${gap}${paint(cell, page)}${" ".repeat(Math.max(0, (widths[i] as number) - cell.text.length))}`)
      .join("")
      .trimEnd();
  return [lineOf(columns.map(({ title }) => ({ text: title, colour: "bold" as const }))), ...cells.map(lineOf)];
};
