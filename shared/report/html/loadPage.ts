// The page of a load study: what users felt of operations, and what slow requests waited for.

import { dipFigure } from "../../figure/dip.ts";
import { countText, plural, shareText } from "../../figure/numbers.ts";
import { causeHelp } from "../../load/causes.ts";
import { printRate } from "../../load/rate.ts";
import { loadFigure } from "../loadFigure.ts";
import type { Load, LoadCell } from "../loadSummary.ts";
import { html } from "./html.ts";
import { linesOf, type Origin } from "./origin.ts";
import type { Page, Section } from "./page.ts";
import { type Picture, pictureShown, tableOf } from "./parts.ts";
import { engineText, usText } from "./words.ts";

type Phase = "before" | "during" | "after";

/** Of the points of a tail, those that people ask for. */
const tailRows = ({ name, ccdf }: LoadCell): ReadonlyArray<readonly string[]> =>
  [0.5, 0.1, 0.01, 0.001].map((share) => {
    const at = (phase: Phase): string => usText(ccdf[phase].find((point) => point.share <= share)?.us);
    return [name, shareText(share), at("before"), at("during"), at("after")];
  });

const tails = (document: Load): readonly Picture[] => {
  const svg = loadFigure(document);
  if (svg === null) return [];
  return [
    {
      name: "tails",
      svg,
      about:
        "Which share of requests took longer than so long, from their intended start. Grey is the time without patches: a line to the right of it is what an operation costs those whom it meets.",
      table: { head: ["cell", "this share took longer than", "before", "during", "after"], rows: document.cells.flatMap(tailRows) },
    },
  ];
};

type Around = NonNullable<LoadCell["around"]>;

const ns = (us: number): number => us * 1000;

const dipTable = (cells: ReadonlyArray<readonly [model: string, around: Around]>): Picture["table"] => ({
  head: ["model", "after its opening", "99th percentile"],
  rows: cells.flatMap(([model, { fromUs, p99BinUs, p99Us }]) =>
    p99Us.map((value, bin) => [
      model,
      `${fromUs + bin * p99BinUs < 0 ? "−" : ""}${usText(Math.abs(fromUs + bin * p99BinUs))}`,
      usText(value),
    ]),
  ),
});

/** At the highest rate, where a stop is felt most: models differ in how long they stop, not in how many answers a bin has. */
const dip = ({ cells, cpus, engine, seed, workload }: Load): readonly Picture[] => {
  const rate = Math.max(0, ...cells.map(({ perSecond }) => perSecond));
  const shown = cells.flatMap(({ model, perSecond, around }) => (perSecond === rate && around != null ? [[model, around] as const] : []));
  const [first] = shown;
  if (first === undefined) return [];
  const alike = shown.filter(([, { binUs }]) => binUs === first[1].binUs);
  return [
    {
      name: "dip",
      svg: dipFigure({
        title: `Around an operation: ${printRate(rate)}, ${plural(cpus, "CPU")}, ${engineText(engine)}, seed ${seed}`,
        subtitle: `${workload}; ${alike.map(([model, { operations }]) => `${model}: ${operations}`).join(", ")} operations laid on each other by their openings; bars and shades: while one is under way`,
        models: alike.map(([model, { durationUs, fromUs, binUs, perSecond, p99BinUs, p99Us }]) => ({
          model,
          durationNs: ns(durationUs),
          perSecond: { fromNs: ns(fromUs), binNs: ns(binUs), values: perSecond },
          p99Us: { fromNs: ns(fromUs), binNs: ns(p99BinUs), values: p99Us },
        })),
      }),
      about:
        "Above, how many requests are answered: a stop is a gap, and what has piled up is answered after it. Below, how long the slowest in a hundred of those that are answered then had waited.",
      table: dipTable(alike),
    },
  ];
};

export const loadPictures = (document: Load): readonly Picture[] => [...tails(document), ...dip(document)];

const spread = ({ latencyUs }: LoadCell, phase: Phase, statistic: "p50" | "p99" | "max"): string => usText(latencyUs[phase]?.[statistic]);

/** A dip that is no deeper than chance makes them is none. */
const dipText = ({ depth, noise }: LoadCell["dip"]): string => (depth !== null && depth > (noise ?? 0) ? shareText(depth) : "–");

const cellsOf = ({ cells }: Load): Section => ({
  id: "cells",
  title: "Models and rates",
  body: tableOf("Models and rates", {
    head: ["model", "rate", "served", "before p50", "p99", "met an operation", "during p50", "p99", "max", "dip", "recovery", "verdict"],
    rows: cells.map((cell) => [
      cell.model,
      printRate(cell.perSecond),
      shareText(cell.achieved),
      spread(cell, "before", "p50"),
      spread(cell, "before", "p99"),
      countText(cell.latencyUs.during?.n ?? 0),
      spread(cell, "during", "p50"),
      spread(cell, "during", "p99"),
      spread(cell, "during", "max"),
      dipText(cell.dip),
      usText(cell.dip.recoveryUs),
      cell.verdict,
    ]),
  }),
});

const slowOf = ({ cells }: Load): Section => ({
  id: "who",
  title: "What slow requests waited for",
  body: tableOf("Slow requests", {
    head: ["cell", "slow is over", "waited for", "before", "during", "after"],
    rows: cells.flatMap(({ name, slow, slowUs }) =>
      slow
        .toSorted((a, b) => b.during - a.during)
        .map(({ cause, before, during, after }) => [
          name,
          usText(slowUs),
          causeHelp[cause],
          countText(before),
          countText(during),
          countText(after),
        ]),
    ),
  }),
});

const worstOf = ({ cells }: Load): Section => ({
  id: "worst",
  title: "The slowest requests",
  body: tableOf("The slowest requests", {
    head: ["cell", "CPU", "at", "took", "phase", "waited for most"],
    rows: cells.flatMap(({ name, worst }) =>
      worst
        .slice(0, 3)
        .map(({ cpu, atUs, latencyUs, phase, cause }) => [name, `cpu ${cpu}`, usText(atUs), usText(latencyUs), phase, causeHelp[cause]]),
    ),
  }),
});

const limitsOf = ({ limits }: Load): readonly Section[] =>
  limits === null
    ? []
    : [
        {
          id: "limits",
          title: "The highest rate that holds every threshold",
          body: tableOf("Limits", {
            head: ["model", "holds", "does not hold"],
            rows: limits.map(({ model, holds, fails }) => [
              model,
              holds === null ? "none" : printRate(holds),
              fails === null ? "not reached" : printRate(fails),
            ]),
          }),
        },
      ];

const verdictOf = ({ cells, complete, limits }: Load, crossed: number): Pick<Page, "tone" | "verdict"> => {
  const broken = cells.filter(({ verdict }) => verdict === "violated");
  if (broken.length > 0) return { tone: "violated", verdict: `A promise was broken: ${broken.map(({ name }) => name).join(", ")}` };
  if (!complete) return { tone: "unknown", verdict: "Interrupted" };
  if (limits === null && crossed > 0) return { tone: "unknown", verdict: `${plural(crossed, "threshold")} crossed; no promise was broken` };
  return { tone: "valid", verdict: "No promise was broken, and no threshold crossed" };
};

export const loadPage = (document: Load, pictures: readonly Picture[], origin: Origin): Page => {
  const { cells, cpus, workload, engine, seed, arrivals, patches, patchEveryUs, run, limits } = document;
  const crossed = cells.flatMap(({ name, thresholds }) =>
    thresholds.filter(({ holds }) => !holds).map(({ text, value }) => ({ name, text, value })),
  );
  const sum = (part: "arrived" | "answered" | "lost"): number => cells.reduce((total, { balance }) => total + balance[part], 0);
  return {
    lead: [
      "quiesce load",
      engineText(engine),
      plural(cpus, "CPU"),
      workload,
      arrivals,
      `${plural(patches, "operation")}, one every ${usText(patchEveryUs)}`,
      `seed ${seed}`,
    ],
    ...verdictOf(document, crossed.length),
    reasons:
      limits === null
        ? crossed.map(({ name, text, value }) => `${name}: ${text}, and it was ${value === null ? "measured too little" : value}`)
        : [],
    numbers: [
      ["requests", countText(sum("arrived"))],
      ["answered", countText(sum("answered")), shareText(sum("arrived") === 0 ? 0 : sum("answered") / sum("arrived"))],
      ["lost with a CPU", countText(sum("lost"))],
      ["cells", countText(cells.length), "models and rates"],
    ],
    sections: [
      cellsOf(document),
      ...limitsOf(document),
      slowOf(document),
      { id: "pictures", title: "Pictures", body: html`${pictures.map(pictureShown)}` },
      worstOf(document),
    ],
    lines: linesOf(origin),
    footer: [run, ...origin.recorded],
  };
};
