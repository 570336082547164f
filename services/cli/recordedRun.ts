// Where the journal of a recorded run is, and what a killed run has left beside it.
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Entry } from "../../shared/journal/entry.ts";
import { BadInput, didYouMean } from "../../shared/machine/badInput.ts";
import { arePartsFull, mergePartFiles, partFilesIn, partsName, type Wholeness } from "../recorder/parts.ts";

/** The journal in a folder, if there is one. */
export const journalIn = (folder: string): string | undefined =>
  ["journal.ndjson.gz", "journal.ndjson"].map((name) => join(folder, name)).find((file) => existsSync(file));

/** The journal of a run folder, or of `runs/NAME`, or the file itself. */
export const journalOf = (run: string): string => {
  const path = existsSync(run) || run.includes("/") ? run : join("runs", run);
  if (!existsSync(path)) {
    const folder = dirname(path);
    const there = existsSync(folder) ? readdirSync(folder) : [];
    throw new BadInput(run, "", `there is no such run${didYouMean(basename(run), there)}`);
  }
  if (statSync(path).isFile()) return path;
  const journal = journalIn(path);
  if (journal === undefined) throw new BadInput(path, "", "has no journal: it was run with --journal off, or is no run folder");
  return journal;
};

export interface PartsBeside extends Wholeness {
  readonly entries: readonly Entry[];
  /** False if a part goes on with facts only. */
  readonly full: boolean;
}

/** What the processes of a killed live run wrote, which nobody has put together. */
export const partsBeside = (journal: string): PartsBeside => {
  const directory = join(dirname(journal), partsName);
  const files = existsSync(directory) ? partFilesIn(directory) : [];
  const entries: Entry[] = [];
  const wholeness = mergePartFiles(files, (entry) => entries.push(entry));
  return { ...wholeness, entries, full: arePartsFull(files) };
};
