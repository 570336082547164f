// The page of a sweep: laws first, then how each measure grows, then every cell.
import { countText, plural, typeset } from "../../figure/numbers.ts";
import type { CellRuns } from "../scaleDocument.ts";
import { scaleFigures } from "../scaleFigure.ts";
import type { Scale, ScaleCell } from "../scaleSummary.ts";
import { html } from "./html.ts";
import { linesOf, type Origin } from "./origin.ts";
import type { Page } from "./page.ts";
import { type Picture, pictureShown, tableOf } from "./parts.ts";
import { engineText, usText } from "./words.ts";

/** What a figure of a sweep shows, by the name of its file. */
const shownIn: Readonly<Record<string, { readonly measure: string; readonly text: (value: number) => string; readonly about: string }>> = {
  completion: {
    measure: "completion_ns",
    text: (ns) => usText(ns / 1000),
    about:
      "Circles are medians with their 95 % intervals, dots single runs, dashes the law. Both axes are logarithmic: a straight line is a power.",
  },
  held: {
    measure: "held_max_ns",
    text: (ns) => usText(ns / 1000),
    about: "The longest that any one CPU was kept from its work: what somebody on it feels.",
  },
  harness: {
    measure: "host_cpu_s",
    text: (s) => usText(s * 1e6),
    about: "What the simulation itself costs the machine that it runs on: no part of the model, and drawn so that it is not taken for it.",
  },
};

/** What laws are told of, in words. */
const measureNames: Readonly<Record<string, string>> = {
  completion_ns: "time until every CPU runs the new version",
  held_max_ns: "longest time that a CPU was held",
  packets: "packets",
  host_cpu_s: "CPU time of the harness",
  host_peak_rss_bytes: "memory of the harness",
};

const pointText = (point: ScaleCell["point"]): string =>
  Object.entries(point)
    .filter(([name]) => name !== "cpus")
    .map(([, value]) => value)
    .join(", ");

const measured = (cell: ScaleCell, measure: string, text: (value: number) => string): string => {
  const found = cell.measures[measure] ?? null;
  if (found === null) return "–";
  return found.low === null || found.high === null
    ? text(found.median)
    : `${text(found.median)} (${text(found.low)} to ${text(found.high)})`;
};

export const scalePictures = (document: Scale, runs: readonly CellRuns[]): readonly Picture[] =>
  scaleFigures(document, runs).flatMap(([file, svg]) => {
    const name = file.replace(/\.svg$/, "");
    const shown = shownIn[name];
    if (shown === undefined) throw new Error(`nobody says how to read ${file}`);
    const { measure, text, about } = shown;
    const rows = document.cells.map((cell) => [countText(cell.cpus), pointText(cell.point), measured(cell, measure, text), cell.runs]);
    return [{ name, svg, about, table: { head: ["CPUs", "of", "median (95 %)", "runs"], rows } }];
  });

export const scalePage = (document: Scale, pictures: readonly Picture[], origin: Origin): Page => {
  const { engine, seeds, axes, cells, curves, runs, complete, run, floorUs } = document;
  const violated = cells.reduce((sum, { verdicts }) => sum + verdicts.violated, 0);
  const largest = Math.max(0, ...cells.map(({ cpus }) => cpus));
  const tones = violated > 0 ? "violated" : complete ? "valid" : "unknown";
  const verdicts = {
    violated: `${plural(violated, "run")} broke a promise`,
    valid: `No promise was broken in ${plural(runs, "run")}`,
    unknown: `Interrupted after ${plural(runs, "run")}`,
  };
  return {
    lead: [
      "quiesce scale",
      engineText(engine),
      plural(cells.length, "cell"),
      `up to ${plural(largest, "CPU")}`,
      `seeds from ${seeds.first}`,
    ],
    tone: tones,
    verdict: verdicts[tones],
    reasons: [],
    numbers: [
      ["runs", countText(runs), `at least ${seeds.least}, at most ${seeds.most} a cell`],
      ...axes.map(
        ({ name, values }) =>
          [name, values.length === 1 ? (values[0] as string) : countText(values.length), values.length === 1 ? "" : "values"] as const,
      ),
      ...(floorUs === null ? [] : [["floor", usText(floorUs), "one round of the network alone"] as const]),
    ],
    sections: [
      {
        id: "laws",
        title: "How it grows",
        body: tableOf("Laws", {
          head: ["of", "measure", "law", "fits as well"],
          rows: curves.map(({ point, measure, sentence, alike }) => [
            pointText(point) || "all",
            measureNames[measure] ?? measure,
            typeset(sentence),
            alike.join(", ") || "–",
          ]),
        }),
      },
      { id: "pictures", title: "Pictures", body: html`${pictures.map(pictureShown)}` },
      {
        id: "cells",
        title: "Cells",
        body: tableOf("Cells", {
          head: ["cell", "CPUs", "runs", "committed", "completion", "held longest", "packets", "stopped"],
          rows: cells.map((cell) => [
            cell.key,
            countText(cell.cpus),
            cell.runs,
            cell.committed,
            measured(cell, "completion_ns", (ns) => usText(ns / 1000)),
            measured(cell, "held_max_ns", (ns) => usText(ns / 1000)),
            measured(cell, "packets", (count) => countText(Math.round(count))),
            cell.stopped,
          ]),
        }),
      },
    ],
    lines: linesOf(origin),
    footer: [run, `code ${document.code}`, ...origin.recorded],
  };
};
