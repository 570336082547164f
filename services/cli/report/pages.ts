// A run's folder as a page and its pictures, by the schema of its document.
import { BadInput } from "../../../shared/machine/badInput.ts";
import type { Chaos } from "../../../shared/report/chaosSummary.ts";
import type { Catalogue, Compare } from "../../../shared/report/compareSummary.ts";
import type { Explored } from "../../../shared/report/exploreSummary.ts";
import { cataloguePage, cataloguePictures, comparePage, comparePictures } from "../../../shared/report/html/comparePage.ts";
import { explorePage, explorePictures } from "../../../shared/report/html/explorePage.ts";
import type { Origin } from "../../../shared/report/html/origin.ts";
import type { Page } from "../../../shared/report/html/page.ts";
import type { Picture } from "../../../shared/report/html/parts.ts";
import { runPage } from "../../../shared/report/html/runPage.ts";
import { runPictures } from "../../../shared/report/html/runPictures.ts";
import { shrinkPage } from "../../../shared/report/html/shrinkPage.ts";
import type { Load } from "../../../shared/report/loadSummary.ts";
import type { Scale } from "../../../shared/report/scaleSummary.ts";
import type { Shrunk } from "../../../shared/report/shrinkSummary.ts";
import type { Summary } from "../../../shared/report/summary.ts";
import { cellRunsIn } from "./cellRuns.ts";
import { type Found, filmOf, originOf, textIn } from "./folder.ts";
import { runAgain } from "./runAgain.ts";

export interface Reported {
  readonly page: Page;
  readonly pictures: readonly Picture[];
}

type Make = (found: Found, epoch: number | null) => Promise<Reported>;

const plainOrigin = (found: Found): Origin => ({ ...originOf(found), doubts: [] });

const ofRun: Make = async (found, epoch) => {
  const summary = found.document as Summary;
  const { film, doubts } = await filmOf(found, summary, epoch);
  const pictures = runPictures(summary, film);
  return { pictures, page: runPage(summary, pictures, { ...originOf(found), doubts }) };
};

const ofCompare: Make = async (found) => {
  const document = found.document as Compare;
  const pictures = comparePictures(document);
  return { pictures, page: comparePage(document, pictures, plainOrigin(found)) };
};

const ofCatalogue: Make = async (found) => {
  const document = found.document as Catalogue;
  const pictures = cataloguePictures(document);
  return { pictures, page: cataloguePage(document, pictures, plainOrigin(found)) };
};

/** What draws with the plotting library is loaded only where it is needed: it takes a quarter of a second. */
const ofChaos: Make = async (found) => {
  const { chaosPage, chaosPictures } = await import("../../../shared/report/html/chaosPage.ts");
  const document = found.document as Chaos;
  const pictures = chaosPictures(document);
  return { pictures, page: chaosPage(document, pictures, plainOrigin(found)) };
};

const ofScale: Make = async (found) => {
  const { scalePage, scalePictures } = await import("../../../shared/report/html/scalePage.ts");
  const document = found.document as Scale;
  const pictures = scalePictures(document, cellRunsIn(found, document));
  return { pictures, page: scalePage(document, pictures, plainOrigin(found)) };
};

const ofLoad: Make = async (found) => {
  const { loadPage, loadPictures } = await import("../../../shared/report/html/loadPage.ts");
  const document = found.document as Load;
  const pictures = loadPictures(document);
  return { pictures, page: loadPage(document, pictures, plainOrigin(found)) };
};

/** The scenario is run again for its pictures: the folder keeps no journal. */
const ofShrunk: Make = async (found) => {
  const document = found.document as Shrunk;
  const { summary, film } = await runAgain(found);
  const pictures = runPictures(summary, film);
  return {
    pictures,
    page: shrinkPage(document, pictures, textIn(found.path, "sequence.txt") ?? "", { ...plainOrigin(found), repro: null }),
  };
};

const ofExplored: Make = async (found) => {
  const document = found.document as Explored;
  const pictures = explorePictures(document);
  return { pictures, page: explorePage(document, pictures, plainOrigin(found)) };
};

const makers: Readonly<Record<string, Make>> = {
  "quiesce.summary/1": ofRun,
  "quiesce.compare/1": ofCompare,
  "quiesce.catalogue/1": ofCatalogue,
  "quiesce.scale/1": ofScale,
  "quiesce.chaos/1": ofChaos,
  "quiesce.load/1": ofLoad,
  "quiesce.shrink/1": ofShrunk,
  "quiesce.explore/1": ofExplored,
};

/** `epoch`: of a run, the one to draw; null: whichever says most. */
export const reportedOf = (found: Found, epoch: number | null): Promise<Reported> => {
  const { schema } = found.document;
  const make = typeof schema === "string" ? makers[schema] : undefined;
  if (make === undefined) throw new BadInput(`${found.path}/summary.json`, "", `"${schema}" is nothing that a page can be made of`);
  if (epoch !== null && schema !== "quiesce.summary/1") throw new BadInput("", "--epoch", "only a single run has epochs to choose from");
  return make(found, epoch);
};
