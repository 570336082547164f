// The page of a shrunk failure: the smallest scenario, what is left of the first one, and who said what in it.
import { countText, plural } from "../../figure/numbers.ts";
import type { Shrunk } from "../shrinkSummary.ts";
import { html, linesOfText } from "./html.ts";
import { linesOf, type Origin } from "./origin.ts";
import type { Page } from "./page.ts";
import { type Picture, pictureShown, tableOf } from "./parts.ts";

/** `sequence`: the same as text, step by step. */
export const shrinkPage = (document: Shrunk, pictures: readonly Picture[], sequence: string, origin: Origin): Page => {
  const { model, monitor, reason, seed, before, after, runs, faults, replay, scenario, run } = document;
  return {
    lead: ["quiesce shrink", model, plural(after.cpus, "CPU"), "virtual time", `seed ${seed}`],
    tone: "violated",
    verdict: `${monitor}: ${reason}`,
    reasons: [],
    numbers: [
      ["faults", countText(after.faults), `of ${before.faults}`],
      ["CPUs", countText(after.cpus), `of ${before.cpus}`],
      ["operations", countText(after.operations), `of ${before.operations}`],
      ["tried", countText(runs), "scenarios"],
    ],
    sections: [
      {
        id: "scenario",
        title: "The smallest scenario that fails alike",
        body: html`<pre tabindex="0">${linesOfText(scenario)}</pre>`,
      },
      ...(faults.length === 0
        ? []
        : [{ id: "faults", title: "Its faults", body: tableOf("Faults", { head: ["fault"], rows: faults.map((text) => [text]) }) }]),
      { id: "pictures", title: "Pictures", body: html`${pictures.map(pictureShown)}` },
      { id: "sequence", title: "Step by step", body: html`<pre tabindex="0">${linesOfText(sequence)}</pre>` },
    ],
    lines: [{ what: "run it", line: replay }, ...linesOf(origin)],
    footer: [run, ...origin.recorded],
  };
};
