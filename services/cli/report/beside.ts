// The page and the pictures that a verb leaves in its folder by itself, where that is cheap.
import { join } from "node:path";
import { pageText } from "../../../shared/report/html/page.ts";
import type { Summary } from "../../../shared/report/summary.ts";
import type { RunFolder } from "../../recorder/runFolder.ts";
import { trace } from "../trace.ts";
import { findRun } from "./folder.ts";
import { reportedOf } from "./pages.ts";

/** Larger runs are drawn by whoever asks for it: `quiesce report`. CPU time: 0.05 s of 8 CPUs, 0.2 s of 250, 1 s of 1,000. */
const mostEvents = 5_000;

const pageName = "report.html";

/** The run is over and its result is written: a picture that fails is told of, and changes nothing. */
const carefully = async (folder: RunFolder, make: () => Promise<void>): Promise<string> => {
  try {
    await make();
    return join(folder.path, pageName);
  } catch (error) {
    process.stderr.write(
      `quiesce: the report could not be made: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return `./quiesce report ${folder.path}`;
  }
};

/** Gives what a reader is told: where the page is, or how to make it. */
export const pageBeside = (folder: RunFolder): Promise<string> =>
  carefully(folder, async () => {
    const { page } = await reportedOf(findRun(folder.path), null);
    folder.write(pageName, pageText(page));
  });

/** The same of a run, with the picture of its messages and its trace as files of their own. */
export const picturesBeside = async (folder: RunFolder, { resources: { events } }: Summary, hasJournal: boolean): Promise<string> => {
  if (events > mostEvents) return `./quiesce report ${folder.path}   (left out: of ${events} events)`;
  return carefully(folder, async () => {
    const { page, pictures } = await reportedOf(findRun(folder.path), null);
    folder.write(pageName, pageText(page));
    const sequence = pictures.find(({ name }) => name === "messages");
    if (sequence !== undefined) folder.write("sequence.svg", sequence.svg);
    if (hasJournal)
      await trace({
        run: folder.path,
        format: "perfetto",
        out: join(folder.path, "trace.json"),
        cpus: undefined,
        from: undefined,
        to: undefined,
      });
  });
};
