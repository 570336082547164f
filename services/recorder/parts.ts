// What the processes of a live run wrote, read back and put into one order.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Entry } from "../../shared/journal/entry.ts";
import { type Gap, Merge } from "../../shared/journal/merge.ts";
import { PartReader } from "../../shared/journal/part.ts";
import { blockAt, blockBytes } from "./journalFile.ts";

/** As a process writes it that goes on with facts only; no other line begins so. */
const noteBegins = '{"note":"facts-only"';

/** The folder, in that of the run, in which each process writes its own part until the run has ended. */
export const partsName = "parts";

/** What is missing from parts. */
export interface Wholeness {
  readonly gaps: readonly Gap[];
  /** What cannot be read. Damage is a doubt about the run and no reason to lose the rest of it. */
  readonly damage: readonly string[];
}

/** A file is read as its entries are wanted, and open only meanwhile: a run may have had more lives than a process may have open files. */
class PartFile {
  private readonly path: string;
  private readonly reader: PartReader;
  private at = 0;

  constructor(path: string, visit: (entry: Entry) => void) {
    this.path = path;
    this.reader = new PartReader(path, visit);
  }

  /** Reads the next block. False at the end. */
  read(): boolean {
    const bytes = blockAt(this.path, this.at);
    this.at += bytes.length;
    this.reader.push(bytes);
    return bytes.length > 0;
  }
}

/** Hands on the entries of all parts, in one order, without ever holding more of them than some blocks of each file. */
export const mergePartFiles = (files: readonly string[], visit: (entry: Entry) => void): Wholeness => {
  const merge = new Merge(files.length, visit);
  const parts = files.map((file, part) => new PartFile(file, (entry) => merge.push(part, entry)));
  const damage: string[] = [];
  for (let part = merge.settle(); part >= 0; part = merge.settle()) {
    try {
      if (!(parts[part] as PartFile).read()) merge.end(part);
    } catch (error) {
      damage.push(`the journal ${basename(files[part] as string)} cannot be read to its end: ${(error as Error).message}`);
      merge.end(part);
    }
  }
  return { gaps: merge.gaps, damage };
};

/** False if a part goes on with facts only. */
export const arePartsFull = (files: readonly string[]): boolean => !files.some(goesOnWithFacts);

const goesOnWithFacts = (file: string): boolean => {
  const overlap = noteBegins.length;
  for (let at = 0; ; at += blockBytes - overlap) {
    const bytes = blockAt(file, at);
    if (bytes.includes(noteBegins)) return true;
    if (bytes.length <= overlap) return false;
  }
};

/** The parts that a killed run has left, in the order of their names. */
export const partFilesIn = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".ndjson"))
    .sort()
    .map((name) => join(directory, name));
