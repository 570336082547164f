// A run's folder as a page and its pictures, by the schema of its document.
import { BadInput } from "../../../shared/machine/badInput.ts";
import type { Page } from "../../../shared/report/html/page.ts";
import type { Picture } from "../../../shared/report/html/parts.ts";
import { runPage } from "../../../shared/report/html/runPage.ts";
import { runPictures } from "../../../shared/report/html/runPictures.ts";
import type { Summary } from "../../../shared/report/summary.ts";
import { type Found, filmOf, originOf } from "./folder.ts";

export interface Reported {
  readonly page: Page;
  readonly pictures: readonly Picture[];
}

type Make = (found: Found, epoch: number | null) => Promise<Reported>;

const ofRun: Make = async (found, epoch) => {
  const summary = found.document as Summary;
  const { film, doubts } = await filmOf(found, summary, epoch);
  const pictures = runPictures(summary, film);
  return { pictures, page: runPage(summary, pictures, { ...originOf(found), doubts }) };
};

const makers: Readonly<Record<string, Make>> = {
  "quiesce.summary/1": ofRun,
};

/** `epoch`: of a run, the one to draw; null: whichever says most. */
export const reportedOf = (found: Found, epoch: number | null): Promise<Reported> => {
  const { schema } = found.document;
  const make = typeof schema === "string" ? makers[schema] : undefined;
  if (make === undefined) throw new BadInput(`${found.path}/summary.json`, "", `"${schema}" is nothing that a page can be made of`);
  if (epoch !== null && schema !== "quiesce.summary/1") throw new BadInput("", "--epoch", "only a single run has epochs to choose from");
  return make(found, epoch);
};
