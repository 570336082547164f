// The page of a comparison: models beside each other, what each broke, who held each up.

import { blameFigure } from "../../figure/blameBars.ts";
import { countText, plural, shareText, timeText } from "../../figure/numbers.ts";
import { colourOf } from "../../figure/palette.ts";
import { type ScorecardShown, scorecardFigure } from "../../figure/scorecard.ts";
import type { Estimate } from "../../stats/estimate.ts";
import type { Applied, Catalogue, Compare, Row, Shared } from "../compareSummary.ts";
import { html, nothing } from "./html.ts";
import { linesOf, type Origin } from "./origin.ts";
import type { Page, Section, Tone } from "./page.ts";
import { type Picture, pictureShown, tableOf } from "./parts.ts";
import { culpritName } from "./runPictures.ts";
import { engineText, usText } from "./words.ts";

/** What is put beside each other, of a row of either document. */
interface Measured {
  readonly model: string;
  readonly timings: Row["timings"];
  readonly ipis?: Estimate;
}

interface Column {
  readonly title: string;
  readonly read: (row: Measured) => Estimate | null | undefined;
  readonly text: (value: number) => string;
}

const timed = (title: string, name: string): Column => ({ title, read: ({ timings }) => timings[name], text: usText });

const columns: readonly Column[] = [
  timed("stop", "stopUs"),
  timed("interrupts off", "irqsOffUs"),
  timed("two versions", "mixedUs"),
  timed("total", "totalUs"),
  timed("tasks held", "heldTaskUs"),
  { title: "IPIs", read: ({ ipis }) => ipis, text: (value) => countText(Math.round(value)) },
];

const whichOf = ({ cpus, engine, seed, repeat }: Shared): string =>
  `${plural(cpus, "CPU")}, ${engineText(engine)}, ${repeat > 1 ? `seeds ${seed} to ${seed + repeat - 1}` : `seed ${seed}`}`;

const scoresOf = (rows: readonly Measured[], used: readonly Column[]): ScorecardShown["rows"] =>
  rows.map((row) => ({
    model: row.model,
    cells: used.map(({ read, text }) => {
      const value = read(row)?.median ?? null;
      return { value, text: value === null ? "–" : text(value) };
    }),
  }));

const interval = (found: Estimate | null | undefined, text: (value: number) => string): string => {
  if (found === null || found === undefined) return "–";
  const { median, low, high } = found;
  return low === null || high === null ? text(median) : `${text(median)} (${text(low)} to ${text(high)})`;
};

const scorecard = (shared: Shared, what: string, rows: readonly Measured[]): Picture => {
  const used = columns.filter(({ read }) => rows.some((row) => (read(row) ?? null) !== null));
  return {
    name: "scorecard",
    svg: scorecardFigure({
      title: `Models side by side: ${what}, ${whichOf(shared)}`,
      subtitle: `${shared.workload}, ${plural(shared.tasks, "task")}; medians. A column has its own scale, its longest bar is its largest value: less is better`,
      columns: used.map(({ title }) => title),
      rows: scoresOf(rows, used),
      notes: [],
    }),
    about: "The same machine, workload, seeds, faults and patch for every model, so that a difference is the model's.",
    table: {
      head: ["model", ...used.map(({ title }) => title)],
      rows: rows.map((row) => [row.model, ...used.map(({ read, text }) => interval(read(row), text))]),
    },
  };
};

const blamed = (document: Compare): readonly Picture[] => {
  const culprits = document.rows.flatMap(({ model, blame }, place) =>
    blame === null
      ? []
      : [
          {
            name: culpritName(blame),
            why: `${model}: ${blame.why}, in ${blame.phase}`,
            ns: blame.heldUs * 1000,
            colour: colourOf(model, place),
          },
        ],
  );
  if (culprits.length === 0) return [];
  return [
    {
      name: "blame",
      svg: blameFigure({
        title: `Who held each model up most: ${document.patch.id}, ${whichOf(document)}`,
        subtitle: "of runs that did not commit, where there are any; the hue is the model's",
        label: "time that the others waited",
        culprits,
      }),
      about: "The worst of all runs of each model.",
      table: { head: ["who", "why", "for"], rows: culprits.map(({ name, why, ns }) => [name, why, timeText(ns)]) },
    },
  ];
};

export const comparePictures = (document: Compare): readonly Picture[] =>
  document.rows.length === 0 ? [] : [scorecard(document, document.patch.id, document.rows), ...blamed(document)];

export const cataloguePictures = (document: Catalogue): readonly Picture[] =>
  document.models.length === 0 ? [] : [scorecard(document, `${document.models[0]?.patches ?? 0} shipped patches`, document.models)];

type Verdicts = Row["verdicts"];

const verdictText = ({ valid, violated, unknown }: Verdicts): string =>
  [violated > 0 ? `${violated} violated` : [], unknown > 0 ? `${unknown} unknown` : [], valid > 0 ? `${valid} valid` : []]
    .flat()
    .join(", ");

const brokenText = (broken: Row["broken"]): string => (broken.length === 0 ? "–" : broken.map(({ monitor }) => monitor).join(", "));

const verdictOf = (
  rows: ReadonlyArray<{ readonly model: string; readonly verdicts: Verdicts }>,
  complete: boolean,
): readonly [Tone, string] => {
  const guilty = rows.filter(({ verdicts }) => verdicts.violated > 0).map(({ model }) => model);
  if (guilty.length > 0)
    return ["violated", `Broke guarantees of ${guilty.length === 1 ? "its" : "their"} own: ${[...new Set(guilty)].join(", ")}`];
  return complete
    ? ["valid", "Each model kept its own guarantees"]
    : ["unknown", "Interrupted: of what there is, each model kept its own guarantees"];
};

const leadOf = ({ workload, tasks, ...shared }: Shared, what: string): Page["lead"] => [
  "quiesce compare",
  what,
  whichOf({ workload, tasks, ...shared }),
  plural(tasks, "task"),
  workload,
];

const picturesSection = (pictures: readonly Picture[]): Section => ({
  id: "pictures",
  title: "Pictures",
  body: html`${pictures.map(pictureShown)}`,
});

const faultSection = ({ faults }: Shared): readonly Section[] =>
  faults.length === 0
    ? []
    : [{ id: "faults", title: "Faults in every run", body: tableOf("Faults", { head: ["fault"], rows: faults.map((text) => [text]) }) }];

const outcomesOf = ({ rows }: Compare): Section => ({
  id: "outcomes",
  title: "What came of it",
  body: tableOf("What came of it", {
    head: ["model", "verdicts", "committed", "95 %", "attempts", "hazards: calls", "data", "breaks of others"],
    rows: rows.map(({ model, verdicts, committed, runs, committedShare, attempts, hazards, broken }) => [
      model,
      verdictText(verdicts),
      `${committed} of ${runs}`,
      runs === 1 ? "–" : `${shareText(committedShare.low)} to ${shareText(committedShare.high)}`,
      interval(attempts, String),
      countText(hazards.call),
      countText(hazards.data),
      brokenText(broken),
    ]),
  }),
});

const reasonsOf = ({ rows }: Compare): readonly Section[] => {
  const reasons = rows.flatMap(({ model, reasons: all }) => all.map(({ seed, text }) => [model, String(seed), text]));
  return reasons.length === 0
    ? []
    : [
        {
          id: "because",
          title: "Why a verdict is not valid",
          body: tableOf("Reasons", { head: ["model", "seed", "reason"], rows: reasons }),
        },
      ];
};

/** Below nought: less than the first model. */
const signed =
  (text: (value: number) => string) =>
  (value: number): string =>
    value < 0 ? `−${text(-value)}` : `+${text(value)}`;

const pairedOf = ({ rows, repeat }: Compare): readonly Section[] => {
  const [base] = rows;
  if (repeat < 2 || base === undefined) return [];
  const paired = rows.flatMap(({ model, against }) =>
    against === null ? [] : [{ model, timings: against.timings, ...(against.ipis !== null && { ipis: against.ipis }) }],
  );
  const used = columns.filter(({ read }) => paired.some((row) => (read(row) ?? null) !== null));
  return [
    {
      id: "paired",
      title: `Differences from ${base.model}, seed by seed`,
      body: tableOf("Differences", {
        head: ["model", ...used.map(({ title }) => title)],
        rows: paired.map((row) => [row.model, ...used.map(({ read, text }) => interval(read(row), signed(text)))]),
      }),
    },
  ];
};

export const comparePage = (document: Compare, pictures: readonly Picture[], origin: Origin): Page => {
  const { rows, patch, repeat, complete, run } = document;
  const [tone, verdict] = verdictOf(rows, complete);
  return {
    lead: leadOf(document, `${patch.id} (${patch.kind})`),
    tone,
    verdict,
    reasons: rows.flatMap(({ model, violated }) =>
      violated.map(({ monitor, runs }) => `${model} broke ${monitor} in ${plural(runs, "run")}`),
    ),
    numbers: [
      ["models", countText(rows.length)],
      ["runs of each", countText(repeat)],
      [
        "committed in all",
        countText(rows.reduce((sum, { committed }) => sum + committed, 0)),
        `of ${plural(
          rows.reduce((sum, { runs }) => sum + runs, 0),
          "run",
        )}`,
      ],
      ["functions patched", countText(patch.functions.length), patch.functions.slice(0, 3).join(", ")],
    ],
    sections: [outcomesOf(document), picturesSection(pictures), ...pairedOf(document), ...reasonsOf(document), ...faultSection(document)],
    lines: linesOf(origin),
    footer: [run, ...origin.recorded],
  };
};

const attemptsText = ({ byAttempt }: Applied): string => byAttempt.map((runs, attempt) => `${runs} at ${attempt + 1}`).join(", ");

export const cataloguePage = (document: Catalogue, pictures: readonly Picture[], origin: Origin): Page => {
  const { models, complete, run } = document;
  const [tone, verdict] = verdictOf(models, complete);
  const blockers = models.flatMap(({ model, blockers: all }) => all.map(({ text, patches }) => [model, text, patches.join(", ")]));
  return {
    lead: leadOf(document, "every shipped patch"),
    tone,
    verdict,
    reasons: [],
    numbers: models.map(({ model, applied, patches }) => [model, `${applied} of ${patches}`, "patches applied"]),
    sections: [
      {
        id: "outcomes",
        title: "What came of it",
        body: tableOf("What came of it", {
          head: ["model", "applied", "committed at attempt", "verdicts", "hazards: calls", "data", "breaks of others"],
          rows: models.map((one) => [
            one.model,
            `${one.applied} of ${one.patches}`,
            attemptsText(one),
            verdictText(one.verdicts),
            countText(one.hazards.call),
            countText(one.hazards.data),
            brokenText(one.broken),
          ]),
        }),
      },
      picturesSection(pictures),
      {
        id: "blockers",
        title: "What kept patches out",
        body: blockers.length === 0 ? nothing : tableOf("Blockers", { head: ["model", "what", "patches"], rows: blockers }),
      },
      ...faultSection(document),
    ],
    lines: linesOf(origin),
    footer: [run, ...origin.recorded],
  };
};
