// What the processes of a live run wrote, read back and put into one order.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Entry } from "../../shared/journal/entry.ts";
import { type Gap, Merge } from "../../shared/journal/merge.ts";
import { type PartLengths, PartReader } from "../../shared/journal/part.ts";
import { blockAt, blockBytes } from "./journalFile.ts";

/** As a process writes it that goes on with facts only; no other line begins so. */
const noteBegins = '{"note":"facts-only"';

const suffix = ".ndjson";

/** The folder, in that of the run, in which each process writes its own part until the run has ended. */
export const partsName = "parts";

/** What is missing from parts. */
export interface Wholeness {
  readonly gaps: readonly Gap[];
  /** What cannot be read. Damage is a doubt about the run and no reason to lose the rest of it. */
  readonly damage: readonly string[];
  /** What may be missing, and nobody knows. */
  readonly unsure: readonly string[];
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

  /** How far it has been read, in bytes. */
  get length(): number {
    return this.at;
  }

  /** Reads the next block. False at the end. */
  read(): boolean {
    const bytes = blockAt(this.path, this.at);
    this.at += bytes.length;
    this.reader.push(bytes);
    return bytes.length > 0;
  }
}

const nameOf = (file: string): string => basename(file, suffix);

/** What the ends of parts say of what is missing. */
class Ends implements Omit<Wholeness, "gaps"> {
  readonly damage: string[] = [];
  readonly unsure: string[] = [];
  private readonly lengths: PartLengths;
  private readonly onLoss: () => void;

  constructor(files: readonly string[], { lengths, onLoss }: Whole) {
    this.lengths = lengths;
    this.onLoss = onLoss;
    const there = new Set(files.map(nameOf));
    for (const part of Object.keys(lengths)) if (!there.has(part)) this.end(part, 0);
  }

  end(part: string, bytes: number): void {
    const said = this.lengths[part];
    if (said === null) this.lose(this.unsure, `the journal of ${part} may lack what its process, which was killed, said last`);
    else if (said !== undefined && said > bytes)
      this.lose(this.damage, `the journal of ${part} lacks its last ${said - bytes} of ${said} bytes`);
  }

  fail(part: string, why: string): void {
    this.lose(this.damage, `the journal ${part}${suffix} cannot be read to its end: ${why}`);
  }

  private lose(where: string[], what: string): void {
    where.push(what);
    this.onLoss();
  }
}

/** What parts are held to, and who is to hear, between two entries, that what comes now may lack some of what was before it. */
interface Whole {
  readonly lengths: PartLengths;
  readonly onLoss: () => void;
}

const asTheyAre: Whole = { lengths: {}, onLoss: () => undefined };

/** Hands on the entries of all parts, in one order, without ever holding more of them than some blocks of each file. */
export const mergePartFiles = (files: readonly string[], visit: (entry: Entry) => void, whole = asTheyAre): Wholeness => {
  const merge = new Merge(files.length, visit);
  const parts = files.map((file, part) => new PartFile(file, (entry) => merge.push(part, entry)));
  const ends = new Ends(files, whole);
  for (let part = merge.settle(); part >= 0; part = merge.settle()) {
    const file = parts[part] as PartFile;
    const name = nameOf(files[part] as string);
    try {
      if (file.read()) continue;
      ends.end(name, file.length);
    } catch (error) {
      ends.fail(name, (error as Error).message);
    }
    merge.end(part);
  }
  return { gaps: merge.gaps, damage: ends.damage, unsure: ends.unsure };
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
    .filter((name) => name.endsWith(suffix))
    .sort()
    .map((name) => join(directory, name));
