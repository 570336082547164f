// The page itself: one file that asks nobody for anything, the verdict first, then numbers, then all else.
import { Html, html } from "./html.ts";
import { type CopyLine, linesShown, listShown, numbersShown } from "./parts.ts";
import { style } from "./style.ts";

export type Tone = "valid" | "violated" | "unknown";

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

export interface Page {
  /** What was run: verb, model, engine, size, seed. */
  readonly lead: readonly string[];
  readonly tone: Tone;
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly numbers: ReadonlyArray<readonly [name: string, value: string, aside?: string]>;
  readonly sections: readonly Section[];
  readonly lines: readonly CopyLine[];
  /** Where it comes from. */
  readonly footer: readonly string[];
}

/** Never by colour alone. */
const signs: Readonly<Record<Tone, string>> = { valid: "✓", violated: "✗", unknown: "?" };

/** No script runs and nothing is asked for: a browser that reads this refuses both, whatever the page holds. */
const policy = "default-src 'none'; style-src 'unsafe-inline'";

export const pageText = ({ lead, tone, verdict, reasons, numbers, sections, lines, footer }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${[verdict, ...lead].join(" · ")}</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
<p class="lead">${lead.join(" · ")}</p>
<div class="verdict ${tone}"><h1>${signs[tone]} ${verdict}</h1>${listShown(reasons)}</div>
${numbersShown(numbers)}
${sections.map(({ id, title, body }) => html`<section id="${id}"><h2>${title}</h2>\n${body}</section>\n`)}
<section id="lines"><h2>Lines to copy</h2>${linesShown(lines)}</section>
</main>
<footer>${footer.filter((text) => text !== "").join(" · ")}</footer>
</body>
</html>
`.text;
