// A comparison of two results as a person reads it, in a terminal or as Markdown.
import { type Column, type Page, paint, table } from "./compareTable.ts";
import type { Diff, Difference, Leaf } from "./diff.ts";

/** More rows than anybody reads; the document has them all. */
const rowsShown = 40;

const leafText = (leaf: Leaf | undefined): string => {
  if (leaf === undefined) return "not there";
  return typeof leaf === "number" && !Number.isInteger(leaf) ? String(Number(leaf.toPrecision(6))) : String(leaf);
};

const changeText = (change: number | null): string =>
  change === null ? "" : `${change < 0 ? "-" : "+"}${Number((100 * Math.abs(change)).toPrecision(3))} %`;

const columns: ReadonlyArray<Column<Difference>> = [
  { title: "PATH", cell: ({ path }) => path },
  { title: "A", cell: ({ a }) => leafText(a) },
  { title: "B", cell: ({ b }) => leafText(b) },
  { title: "CHANGE", cell: ({ change }) => changeText(change) },
  { title: "", cell: ({ beyond }) => (beyond ? { text: "beyond", colour: "red" } : "within") },
];

const verdictText = ({ compared, differences, beyond, ignored }: Diff): string => {
  const besides = ignored === 0 ? "" : `, ${ignored} not compared`;
  if (differences.length === 0) return `equal in all ${compared} values${besides}`;
  return `${beyond} of ${compared} values differ by more than they may, ${differences.length - beyond} within their tolerance${besides}`;
};

const restText = ({ differences }: Diff): readonly string[] =>
  differences.length > rowsShown ? [`${differences.length - rowsShown} more: --json has them all`] : [];

export const diffText = (diff: Diff, page: Page): string => {
  const holds = diff.beyond === 0;
  return [
    `  quiesce diff   A ${diff.a}   B ${diff.b}`,
    `${paint({ text: holds ? "✓ SAME" : "✗ DIFFERENT", colour: holds ? "green" : "red" }, page)}   ${verdictText(diff)}`,
    ...(diff.differences.length === 0 ? [] : ["", ...table(columns, diff.differences.slice(0, rowsShown), page)]),
    ...restText(diff).map((line) => `  ${line}`),
    "",
  ].join("\n");
};

const escaped = (text: string): string => text.replaceAll("|", "\\|");

export const diffMarkdown = (diff: Diff): string => {
  const rows = diff.differences
    .slice(0, rowsShown)
    .map(({ path, a, b, change, beyond }) => [
      `\`${path}\``,
      leafText(a),
      leafText(b),
      changeText(change),
      beyond ? "**beyond**" : "within",
    ]);
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  return [
    `**${diff.beyond === 0 ? "Same" : "Different"}**: ${verdictText(diff)}.`,
    "",
    `A: \`${diff.a}\`, B: \`${diff.b}\``,
    ...(rows.length === 0
      ? []
      : ["", line(["path", "A", "B", "change", ""]), line(["---", "---:", "---:", "---:", "---"]), ...rows.map(line)]),
    ...restText(diff).map((text) => `\n${text}`),
    "",
  ].join("\n");
};
