// What a person reads of a catalogue under each model: how many patches each applies, at which attempt, how fast, and what blocks the rest.
import type { Applied, Catalogue } from "./compareSummary.ts";
import { type Column, table } from "./compareTable.ts";
import { type CompareTextOptions, footLines, headLine, label, timeCell, verdictCell } from "./compareText.ts";

const timing = (title: string, name: string): Column<Applied> => ({
  title,
  cell: ({ timings }) => {
    const found = timings[name];
    return found === null || found === undefined ? "-" : timeCell(found.median);
  },
});

const columns: ReadonlyArray<Column<Applied>> = [
  { title: "MODEL", cell: ({ model }) => model },
  { title: "APPLIED", cell: ({ applied, patches }) => `${applied} of ${patches}` },
  { title: "AT ATTEMPT 1, 2, ..", cell: ({ byAttempt }) => (byAttempt.length === 0 ? "-" : byAttempt.join(", ")) },
  { title: "VERDICT", cell: ({ verdicts }) => verdictCell(verdicts) },
  timing("STOP", "stopUs"),
  timing("MIXED", "mixedUs"),
  timing("TOTAL", "totalUs"),
  { title: "HAZARDS", cell: ({ hazards }) => `${hazards.call}/${hazards.data}` },
  { title: "BREAKS", cell: ({ broken }) => (broken.length === 0 ? "-" : `${broken.length}`) },
];

/** So many blockers of a model are named, and so many patches of each; the document has all of them. */
const blockersNamed = 3;
const patchesNamed = 3;

const blockerLines = ({ model, blockers }: Applied, width: number): readonly string[] =>
  blockers.slice(0, blockersNamed).map(({ text, patches }) => {
    const named = patches.slice(0, patchesNamed).join(", ");
    const more = patches.length > patchesNamed ? ", .." : "";
    return `${label("BLOCKED")}${model.padEnd(width)}  ${patches.length} by ${text}: ${named}${more}`;
  });

export const catalogueText = (catalogue: Catalogue, options: CompareTextOptions): string => {
  const { models } = catalogue;
  const width = Math.max(0, ...models.map(({ model }) => model.length));
  const most = Math.max(0, ...models.map(({ patches }) => patches));
  const lines = [
    headLine("compare", catalogue, `${most} shipped patches`, options),
    "",
    ...table(columns, models, options),
    "",
    ...models.flatMap((model) => blockerLines(model, width)),
    ...footLines(options),
  ];
  return `${lines.join("\n")}\n`;
};
