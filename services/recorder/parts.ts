// What the processes of a live run wrote, read back and put into one order.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Entry } from "../../shared/journal/entry.ts";
import { type Merged, mergeParts } from "../../shared/journal/merge.ts";
import { readJournalPart } from "./journalFile.ts";

/** The folder, in that of the run, in which each process writes its own part until the run has ended. */
export const partsName = "parts";

export interface MergedParts extends Merged {
  /** False if a part goes on with facts only. */
  readonly full: boolean;
  /** What cannot be read. Damage is a doubt about the run and no reason to lose the rest of it. */
  readonly damage: readonly string[];
}

export const mergePartFiles = async (files: readonly string[]): Promise<MergedParts> => {
  const parts: Entry[][] = [];
  const damage: string[] = [];
  let full = true;
  for (const file of files) {
    const entries: Entry[] = [];
    try {
      if (!(await readJournalPart(file, (entry) => entries.push(entry)))) full = false;
    } catch (error) {
      damage.push(`the journal ${basename(file)} cannot be read to its end: ${(error as Error).message}`);
    }
    parts.push(entries);
  }
  return { ...mergeParts(parts), full, damage };
};

/** The parts that a killed run has left, in the order of their names. */
export const partFilesIn = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".ndjson"))
    .sort()
    .map((name) => join(directory, name));
