// One of many runs, in a folder of its own below that of the whole: it is gone when the run has nothing more to tell.
import { mkdirSync, rmSync } from "node:fs";
import { compressJournal } from "../../recorder/journalFile.ts";
import { type RunFolder, runFolderAt } from "../../recorder/runFolder.ts";
import { writeManifest } from "../manifestFile.ts";
import { reproLine } from "../settings/repro.ts";
import type { EngineOptions, Ran } from "./engine.ts";
import { execute } from "./execute.ts";

type Options = Pick<EngineOptions, "configuration" | "run" | "onNotice" | "signal"> & { readonly path: string };

/** What came of it, and where it stands until `settle`. */
export interface FolderRun {
  readonly ran: Ran;
  readonly folder: RunFolder;
}

export const runInFolder = async ({ path, configuration, ...options }: Options): Promise<FolderRun> => {
  // Whoever was cut off may have left the beginning of one.
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  const folder = runFolderAt(path);
  folder.write("repro.txt", `${reproLine(configuration)}\n`);
  writeManifest(folder, "run", configuration);
  return { ran: await execute({ ...options, configuration, journal: folder.journal, folder: path, progress: null }), folder };
};

/** A live run that is not kept cannot be had again. */
export const settle = async ({ folder }: FolderRun, isKept: boolean): Promise<void> => {
  if (isKept) await compressJournal(folder.journal);
  else rmSync(folder.path, { recursive: true });
};
