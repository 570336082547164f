// What pages are made of: tables, numbers, pictures with the numbers that they are drawn from, lines to copy.
import { countText, plural } from "../../figure/numbers.ts";
import { drawing, type Html, html, nothing } from "./html.ts";

export interface Table {
  readonly head: readonly string[];
  readonly rows: ReadonlyArray<ReadonlyArray<string | number>>;
}

/** A picture, as a page shows it and as a file is named after it. */
export interface Picture {
  readonly name: string;
  readonly svg: string;
  /** How to read it. */
  readonly about: string;
  /** What it is drawn from, for whoever cannot see it. */
  readonly table: Table;
}

export interface CopyLine {
  readonly what: string;
  readonly line: string;
}

/** Longer tables make a page slow and are read by nobody; the folder has all of it. */
const mostRows = 200;

const isNumber = (value: string | number): boolean =>
  typeof value === "number" || /^[-–−+]?[\d.,\u202f]+( ?(s|ms|µs|ns|%|MB))?$/.test(value) || value === "–";

const cell = (value: string | number, column: number): Html => {
  const text = typeof value === "number" ? countText(value) : value;
  if (column === 0) return html`<th scope="row">${text}</th>`;
  return isNumber(value) ? html`<td class="number">${text}</td>` : html`<td>${text}</td>`;
};

export const tableOf = (name: string, { head, rows }: Table): Html => {
  const shown = rows.slice(0, mostRows);
  const left = rows.length - shown.length;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${name}"><table>
<thead><tr>${head.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${shown.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
</table></div>${left > 0 ? html`<p class="aside">${plural(left, "more row")} in the run's folder.</p>` : nothing}`;
};

export const pictureShown = ({ svg, about, table, name }: Picture): Html => html`<figure id="picture-${name}">
<div class="scroll drawing" tabindex="0" role="group" aria-label="Picture: ${name.replaceAll("-", " ")}">${drawing(svg)}</div>
<figcaption>${about}</figcaption>
<details><summary>The numbers of this picture</summary>${tableOf(`Numbers: ${name.replaceAll("-", " ")}`, table)}</details>
</figure>\n`;

/** Name and value side by side, as many as fit in a row. */
export const numbersShown = (numbers: ReadonlyArray<readonly [name: string, value: string, aside?: string]>): Html =>
  html`<dl class="numbers">${numbers.map(
    ([name, value, aside = ""]) =>
      html`<div><dt>${name}</dt><dd>${value}${aside === "" ? nothing : html`<small>${aside}</small>`}</dd></div>\n`,
  )}</dl>`;

export const listShown = (items: readonly string[]): Html => html`<ul>${items.map((item) => html`<li>${item}</li>\n`)}</ul>`;

export const linesShown = (lines: readonly CopyLine[]): Html =>
  html`<dl class="lines">${lines.map(({ what, line }) => html`<div><dt>${what}</dt><dd><code tabindex="0">${line}</code></dd></div>\n`)}</dl>`;
