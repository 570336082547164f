// Markdown as the pages of docs/ are written.

/** One line; bars would end a cell, and angle brackets would be taken for HTML. */
const cell = (text: string): string => text.replaceAll("\n", " ").replaceAll("|", "\\|").replaceAll("<", "&lt;").trim();

export const code = (text: string): string => `\`${text}\``;

export const table = (heads: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
  [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");

export const chapter = (title: string, ...parts: readonly string[]): string => [`## ${title}`, ...parts].join("\n\n").concat("\n");
