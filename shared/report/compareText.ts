// What a person reads at the end of a comparison: which promises held, one row for each model, and who held it up.

import type { Estimate } from "../stats/estimate.ts";
import { wilson } from "../stats/wilson.ts";
import { callsText } from "./callsText.ts";
import type { Compare, Row, Shared } from "./compareSummary.ts";
import { type Cell, type Column, type Page, paint, table } from "./compareTable.ts";
import { counted } from "./counted.ts";

/** What is not in the document because it does not describe what was compared. */
export interface CompareTextOptions extends Page {
  readonly repro: string;
  readonly folder: string;
  /** Somebody asked for calls at a rate, and is told what came of it. */
  readonly callsAsked: boolean;
}

const units: ReadonlyArray<readonly [unit: string, us: number]> = [
  ["s", 1e6],
  ["ms", 1e3],
  ["us", 1],
  ["ns", 1e-3],
];

/** Three digits, in the unit that needs no leading zeros. */
export const timeCell = (us: number): string => {
  const size = Math.abs(us);
  if (size === 0) return "0";
  const [unit, one] = units.find(([, least]) => size >= least) ?? ["ns", 1e-3];
  return `${Number((us / one).toPrecision(3))} ${unit}`;
};

const countCell = (count: number): string => String(Number(count.toFixed(1)));

/** A row, or what it differs by from another one. */
interface Measurable {
  readonly timings: Row["timings"];
  readonly ipis: Estimate | null;
}

interface Measured {
  readonly title: string;
  readonly read: (row: Measurable) => Estimate | null | undefined;
  readonly shown: (value: number) => string;
}

const timing = (title: string, name: string): Measured => ({ title, read: ({ timings }) => timings[name], shown: timeCell });

const measured: readonly Measured[] = [
  timing("GATHER", "gatherUs"),
  timing("STOP", "stopUs"),
  timing("MIXED", "mixedUs"),
  timing("TOTAL", "totalUs"),
  { title: "IPIS", read: ({ ipis }) => ipis, shown: countCell },
  timing("HELD", "heldTaskUs"),
];

const none = "-";

const medianColumn = ({ title, read, shown }: Measured): Column<Row> => ({
  title,
  cell: (row) => {
    const found = read(row);
    return found === null || found === undefined ? none : shown(found.median);
  },
});

const intervalText = (found: Estimate | null | undefined, shown: (value: number) => string): string => {
  if (found === null || found === undefined || found.low === null || found.high === null) return none;
  const [from = "", unit] = shown(found.low).split(" ");
  const to = shown(found.high);
  if (shown(found.low) === to) return to;
  // A unit that both ends share is said once.
  return to.split(" ")[1] === unit || unit === undefined ? `${from} to ${to}` : `${from} ${unit} to ${to}`;
};

const intervalColumn = ({ title, read, shown }: Measured): Column<Row> => ({ title, cell: (row) => intervalText(read(row), shown) });

const verdictColours = { valid: "green", violated: "red", unknown: "yellow" } as const;

export const verdictCell = (verdicts: Row["verdicts"]): Cell => {
  const present = (["violated", "unknown", "valid"] as const).filter((verdict) => verdicts[verdict] > 0);
  const [worst] = present;
  if (worst === undefined) return { text: none };
  const text = present.length === 1 ? worst : present.map((verdict) => `${verdicts[verdict]} ${verdict}`).join(", ");
  return { text, colour: verdictColours[worst] };
};

const doneText = ({ committed, runs }: Row): string => (runs === 1 ? (committed === 1 ? "yes" : "no") : `${committed}/${runs}`);

const name: Column<Row> = { title: "MODEL", cell: ({ model }) => model };

/** What a table of models has of each. */
export const modelColumns: ReadonlyArray<Column<Row>> = [
  name,
  { title: "VERDICT", cell: ({ verdicts }) => verdictCell(verdicts) },
  { title: "DONE", cell: doneText },
  { title: "TRIES", cell: ({ attempts }) => countCell(attempts.median) },
  ...measured.map(medianColumn),
  { title: "HAZARDS", cell: ({ hazards }) => `${hazards.call}/${hazards.data}` },
  { title: "BREAKS", cell: ({ broken }) => (broken.length === 0 ? none : `${broken.length}`) },
];

export const label = (word: string): string => `  ${word.padEnd(9)} `;

/** What is to be said of one of the models beside its row. */
export interface Note {
  readonly word: "CALLS" | "FORCED" | "BREAKS" | "BECAUSE" | "WHO";
  readonly model: string;
  readonly text: string;
}

const said = (word: Note["word"], rows: readonly Row[], of: (row: Row) => string | null): readonly Note[] =>
  rows.flatMap((row) => {
    const text = of(row);
    return text === null ? [] : [{ word, model: row.model, text }];
  });

const brokenText = (list: Row["broken"], runs: number): string | null =>
  list.length === 0 ? null : list.map(({ monitor, runs: count }) => (runs === 1 ? monitor : `${monitor} (${count})`)).join(", ");

const culpritText = ({ seed, cpu, task, function: inside, why, phase, heldUs }: NonNullable<Row["blame"]>, runs: number): string => {
  const where =
    cpu === undefined ? "" : `cpu ${cpu}${task === undefined ? "" : ` ${task}`}${inside === undefined ? "" : ` in ${inside}`}: `;
  return `${where}${why}, held up ${phase} for ${timeCell(heldUs)}${runs === 1 ? "" : ` (seed ${seed})`}`;
};

/** Reasons name several culprits; the document has all of them. */
const longestReason = 120;

const clipped = (text: string): string => (text.length <= longestReason ? text : `${text.slice(0, longestReason)}..`);

const reasonText = ({ reasons: [first], runs }: Row): string | null =>
  first === undefined ? null : `${clipped(first.text)}${runs === 1 ? "" : ` (seed ${first.seed})`}`;

/** The promises come first: each model answers for its own and for no other's. */
const promiseLine = ({ rows, complete }: Compare, page: Page): string => {
  const guilty = rows.filter(({ verdicts }) => verdicts.violated > 0);
  if (guilty.length > 0) {
    const who = guilty.map(({ model, violated, runs }) => `${model}: ${brokenText(violated, runs) ?? "its promises"}`).join("; ");
    return `  ${paint({ text: "✗ VIOLATED", colour: "red" }, page)}   ${who}`;
  }
  const runs = Math.min(...rows.map((row) => row.runs));
  // None of so many is not yet never.
  const bound = runs > 1 ? ` in ${runs} runs (95 %: breaks one in less than ${(100 * wilson(0, runs).high).toPrecision(2)} % of runs)` : "";
  const forced = rows.some((row) => row.forced > 0) ? ", but for tasks that were forced" : "";
  const what = `each model kept its own guarantees${forced}${bound}${complete ? "" : ", as far as it came"}`;
  return `  ${paint({ text: "✓ KEPT", colour: "green" }, page)}       ${what}`;
};

export const headLine = (
  verb: string,
  { engine, hosts, cpus, tasks, workload, seed, repeat }: Shared,
  what: string,
  page: Page,
): string => {
  const kind = engine === "virtual" ? "engine virtual (deterministic)" : `engine live (${hosts} ${hosts === 1 ? "process" : "processes"})`;
  const seeds = repeat === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + repeat - 1}`;
  const parts = [
    paint({ text: `quiesce ${verb}`, colour: "bold" }, page),
    what,
    kind,
    counted(cpus, "CPU"),
    counted(tasks, "task"),
    workload,
    seeds,
  ];
  return `  ${parts.join("   ")}`;
};

/** What repeated runs know more: intervals, and differences from the first model. */
const repeatedLines = (rows: readonly Row[], page: Page): readonly string[] => {
  const [base, ...others] = rows;
  if (base === undefined || base.runs < 2) return [];
  const intervals = ["", "  95 % INTERVALS OF THE MEDIANS", ...table([name, ...measured.map(intervalColumn)], rows, page)];
  if (others.length === 0) return intervals;
  const difference = ({ title, read, shown }: Measured): Column<Row> => ({
    title,
    cell: (row) => (row.against === null ? none : intervalText(read(row.against), shown)),
  });
  return [
    ...intervals,
    "",
    `  MORE THAN ${base.model}, PAIRED BY SEED (95 %)`,
    ...table([name, ...measured.map(difference)], others, page),
  ];
};

export const footLines = ({ folder, repro }: Pick<CompareTextOptions, "folder" | "repro">): readonly string[] => [
  `${label("folder")}${folder}`,
  `${label("report")}${folder}/report.html`,
  `${label("again")}${repro}`,
];

const callNotes = (rows: readonly Row[]): readonly Note[] => said("CALLS", rows, ({ calls }) => callsText(calls));

export const notesOf = (rows: readonly Row[]): readonly Note[] => [
  ...said("FORCED", rows, ({ forced }) => (forced === 0 ? null : `${counted(forced, "task")}, whatever was on the stack`)),
  ...said("BREAKS", rows, ({ broken, runs }) => brokenText(broken, runs)),
  ...said("BECAUSE", rows, reasonText),
  ...said("WHO", rows, ({ blame, runs }) => (blame === null ? null : culpritText(blame, runs))),
];

export const compareText = (compare: Compare, options: CompareTextOptions): string => {
  const { rows, patch } = compare;
  const notes = [...(options.callsAsked ? callNotes(rows) : []), ...notesOf(rows)];
  const width = Math.max(0, ...rows.map(({ model }) => model.length));
  const lines = [
    headLine("compare", compare, `${patch.id} (${patch.kind})`, options),
    promiseLine(compare, options),
    "",
    ...table(modelColumns, rows, options),
    ...repeatedLines(rows, options),
    "",
    ...notes.map(({ word, model, text }) => `${label(word)}${model.padEnd(width)}  ${text}`),
    ...footLines(options),
  ];
  return `${lines.join("\n")}\n`;
};
