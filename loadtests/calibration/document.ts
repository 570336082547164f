// The calibration as a document: the constants and their sources, one table of everything, then a chapter for each experiment.
import { type Chapter, digits, type Line, ratioOf, spreadText, type Table, verdictOf } from "./line.ts";
import { shipped } from "./machine.ts";

const cells = (row: readonly string[]): string => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
  [cells(head), cells(head.map(() => "---")), ...rows.map(cells)].join("\n");

/** `ipiNs.near` of a profile, as its sources name it. */
const valueAt = (path: string): string => {
  const value = path.split(".").reduce<unknown>((of, key) => (of as Record<string, unknown>)[key], shipped);
  return typeof value === "number" ? value.toLocaleString("en-GB") : JSON.stringify(value);
};

const constants = (): string =>
  table(
    ["constant", "value", "where it comes from"],
    Object.entries(shipped.sources).map(([path, source]) => [`\`${path}\``, valueAt(path), source]),
  );

const withUnit = (text: string, unit: string): string => (unit === "" ? text : `${text} ${unit}`);

const overview = (lines: readonly Line[]): string =>
  table(
    ["quantity", "simulated", "published", "ratio", "verdict"],
    lines.map((line) => [
      line.quantity,
      withUnit(spreadText(line.simulated), line.unit),
      withUnit(spreadText(line.published), line.unit),
      digits(ratioOf(line)),
      verdictOf(line),
    ]),
  );

/** Lines that have the same to say say it once. */
const remarks = (lines: readonly Line[]): string => {
  const same = Map.groupBy(lines, ({ why, source }) => `${why} Published: ${source}.`);
  return [...same].map(([text, of]) => `- ${of.map((line) => `**${line.quantity}** (${verdictOf(line)})`).join(", ")}. ${text}`).join("\n");
};

const tableText = ({ caption, head, rows }: Table): string => `${caption[0]?.toUpperCase()}${caption.slice(1)}:\n\n${table(head, rows)}`;

const chapterText = ({ title, method, lines, tables = [] }: Chapter): string =>
  [`## ${title}`, method, remarks(lines), ...tables.map(tableText)].join("\n\n");

const counted = (lines: readonly Line[]): string => {
  const is = (start: string): number => lines.filter((line) => verdictOf(line).startsWith(start)).length;
  return `Of ${lines.length} figures ${is("matches")} match, ${is("within")} are within twice, ${is("misses")} miss, and ${is("given")} are given.`;
};

/** The table of everything, for the screen as well. */
export const overviewOf = (chapters: readonly Chapter[]): string => {
  const lines = chapters.flatMap((chapter) => chapter.lines);
  return `${overview(lines)}\n\n${counted(lines)}`;
};

export const documentOf = (chapters: readonly Chapter[]): string =>
  `${[
    "# Calibration",
    "Simulated against published: what the virtual engine says with the constants of the shipped profile, beside what others measured. `npm run calibrate` makes this page and prints the table; the runs are seeded, so it makes the same bytes again. Nothing was tuned to it: a constant comes from its source, and a miss stays a miss.",
    "A figure is the median over seeds with the range in brackets. *Matches*: the middle of one lies in the range of the other, or within a tenth of it. *Within f ×*: off by that factor, at most 2. *Misses*: off by more. *Given*: the constant behind the simulated figure is this very publication, so that agreement says nothing about the constant and something about the way to it. Conditions, sources and reasons follow, chapter by chapter.",
    overviewOf(chapters),
    ...chapters.map(chapterText),
    "## The constants",
    `Profile \`${shipped.name}\` (${shipped.title}), the same for every line above; a chapter says where its machine differs.`,
    constants(),
  ].join("\n\n")}\n`;
