// The page of a chaos search: what survived, what was met, and each way to fail with the lines that repeat and shrink it.
import { countText, plural, shareText } from "../../figure/numbers.ts";
import { sharesFigure } from "../../figure/shares.ts";
import { chaosFigure } from "../chaosFigure.ts";
import type { Chaos, ChaosRow, ShareShown } from "../chaosSummary.ts";
import { html, nothing } from "./html.ts";
import { linesOf, type Origin } from "./origin.ts";
import type { Page, Section } from "./page.ts";
import { linesShown, type Picture, pictureShown, tableOf } from "./parts.ts";
import { engineText, usText } from "./words.ts";

/** Light to dark, and none of them told by red or green alone. */
const ends = [
  { name: "committed", colour: "#5b8fc7" },
  { name: "gave up, nothing broken", colour: "#c3cad3" },
  { name: "still open", colour: "#e8c15a" },
  { name: "broke a promise", colour: "#8f1f18" },
] as const;

const sharesOf = ({ committed, aborted, open, violated }: ChaosRow): readonly ShareShown[] => [committed, aborted, open, violated];

/** None of so many is not yet never. */
const shareWords = ({ hits, of, low, high }: ShareShown): string => {
  if (of === 0) return "–";
  return hits === 0 ? `0 (below ${shareText(high)})` : `${shareText(hits / of)} (${shareText(low)} to ${shareText(high)})`;
};

const whichOf = ({ cpus, engine, seeds }: Chaos): string =>
  `${plural(cpus, "CPU")}, ${engineText(engine)}, seeds ${seeds.first} to ${seeds.last}`;

const outcomes = (document: Chaos): Picture => ({
  name: "outcomes",
  svg: sharesFigure({
    title: `How runs under faults ended: ${whichOf(document)}`,
    subtitle: `${plural(document.runs, "run")}, ${document.surface === null ? "each under faults of its own, drawn from its seed; healed before the end" : "of all cells of the surface"}`,
    parts: ends,
    rows: document.rows.map((row) => ({
      name: row.model,
      shares: sharesOf(row).map(({ hits, of }) => (of === 0 ? 0 : hits / of)),
      text: `committed ${shareWords(row.committed)}`,
    })),
  }),
  about: "To give up and change nothing is no failure: it is what a stop does when it cannot be sure. Intervals are Wilson's, 95 %.",
  table: {
    head: ["model", "runs", ...ends.map(({ name }) => name)],
    rows: document.rows.map((row) => [row.model, countText(row.runs), ...sharesOf(row).map(shareWords)]),
  },
});

const survival = (document: Chaos): readonly Picture[] => {
  const { surface } = document;
  const svg = chaosFigure(document);
  if (svg === null || surface === null) return [];
  return [
    {
      name: "survival",
      svg,
      about:
        "How often one attempt commits, by what share of packets gets lost each way and by how long it may ask again. In brackets what the closed form says: where both agree, the simulation is not what is wrong.",
      table: {
        head: ["lost each way", "limit in pauses", "committed (95 %)", "closed form"],
        rows: surface.map(({ lossPercent, pauses, committed, closedForm }) => [
          `${lossPercent} %`,
          pauses,
          shareWords(committed),
          closedForm === null ? "–" : shareText(closedForm),
        ]),
      },
    },
  ];
};

export const chaosPictures = (document: Chaos): readonly Picture[] => [
  ...(document.rows.length === 0 ? [] : [outcomes(document)]),
  ...survival(document),
];

const failuresOf = ({ failures }: Chaos): readonly Section[] =>
  failures.length === 0
    ? []
    : [
        {
          id: "failures",
          title: "Each way to fail, once",
          body: html`${failures.map(
            ({ model, monitor, reason, phase, runs, seed, replay, shrink }) =>
              html`<h3>${monitor}: ${model}, ${phase === null ? "before the first round" : `in ${phase}`}</h3><p>${reason}</p><p class="aside">${plural(runs, "run")}, the first with seed ${seed}</p>${linesShown(
                [
                  { what: "replay", line: replay },
                  { what: "shrink", line: shrink },
                ],
              )}`,
          )}`,
        },
      ];

const costsOf = ({ rows }: Chaos): Section => ({
  id: "costs",
  title: "What it cost",
  body: tableOf("What it cost", {
    head: ["model", "stop p50", "p99", "max", "total p50", "IPIs p50", "held up most by"],
    rows: rows.map(({ model, runs, stopUs, totalUs, ipis, heldBy }) => [
      model,
      usText(stopUs?.p50),
      usText(stopUs?.p99),
      usText(stopUs?.max),
      usText(totalUs?.p50),
      ipis === null ? "–" : countText(Math.round(ipis.p50)),
      heldBy[0] === undefined ? "–" : `${heldBy[0].what} (${shareText(heldBy[0].runs / runs)})`,
    ]),
  }),
});

const metOf = ({ reached, struck }: Chaos): readonly Section[] => [
  ...(struck.length === 0
    ? []
    : [
        {
          id: "faults",
          title: "Faults",
          body: tableOf("Faults", {
            head: ["fault", "in plans", "struck in runs"],
            rows: struck.map(({ fault, runs, struck: hits }) => [fault, countText(runs), countText(hits)]),
          }),
        },
      ]),
  {
    id: "reached",
    title: "What runs met",
    body:
      reached.length === 0
        ? nothing
        : tableOf("What runs met", { head: ["what", "runs"], rows: reached.map(({ what, runs }) => [what, countText(runs)]) }),
  },
];

const verdictText = ({ verdict, unsafe, stuck, runs }: Chaos): string => {
  if (verdict === "valid") return `No promise was broken in ${plural(runs, "run")}`;
  if (verdict === "unknown") return `Unknown, after ${plural(runs, "run")}`;
  const broke = unsafe.hits > 0 ? `${plural(unsafe.hits, "run")} broke a promise` : "";
  const stood = stuck.hits > 0 ? `${plural(stuck.hits, "run")} did not come to an end though healed` : "";
  return [broke, stood].filter((text) => text !== "").join(", ");
};

export const chaosPage = (document: Chaos, pictures: readonly Picture[], origin: Origin): Page => {
  const { verdict, reasons, runs, unsafe, stuck, healed, patch, workload, mutant, run, resources } = document;
  return {
    lead: ["quiesce chaos", whichOf(document), workload, patch, ...(mutant === null ? [] : [`mutant ${mutant}`])],
    tone: verdict,
    verdict: verdictText(document),
    reasons: verdict === "violated" ? [] : reasons,
    numbers: [
      ["runs", countText(runs), document.stopped],
      ["safety broken", countText(unsafe.hits), `95 %: below ${shareText(unsafe.high)}`],
      ["stuck though healed", countText(stuck.hits), `95 %: below ${shareText(stuck.high)}`],
      ["healed", countText(healed), "faults off before the end"],
      ["events", countText(resources.events), `${countText(Math.round(resources.runsPerSecond))} runs a second`],
    ],
    sections: [
      ...failuresOf(document),
      { id: "pictures", title: "Pictures", body: html`${pictures.map(pictureShown)}` },
      costsOf(document),
      ...metOf(document),
    ],
    lines: linesOf(origin),
    footer: [run, ...origin.recorded],
  };
};
