// The folder of a run: made before the run begins and written as it goes, so that a killed run leaves one that can be read.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

export interface RunFolder {
  /** `20260102T030405Z-run-1a2b3c`. */
  readonly name: string;
  readonly path: string;
  readonly journal: string;
  /** Writes a file whole or not at all. */
  readonly write: (name: string, text: string) => void;
}

/** The directory that run folders are made in cannot be written to. */
export class FolderFailed extends Error {
  override readonly name = "FolderFailed";
}

const stamp = (time: Date): string => time.toISOString().replaceAll(/[-:]|\.\d+/g, "");

/** Node's own recursion never ends where the system refuses a directory as if its parent were missing, as /proc does. */
const makeDirectory = (path: string): void => {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another run may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
};

const replaceLink = (target: string, path: string): void => {
  const next = `${path}.${randomBytes(4).toString("hex")}`;
  symlinkSync(target, next);
  renameSync(next, path);
};

const makeFolder = (out: string, name: string, make: (path: string) => void): RunFolder => {
  const path = join(out, name);
  try {
    makeDirectory(resolve(out));
    make(path);
    replaceLink(name, join(out, "latest"));
  } catch (error) {
    throw new FolderFailed(`cannot make a run folder in ${resolve(out)}: ${(error as Error).message}`, { cause: error });
  }
  return runFolderAt(path);
};

export const makeRunFolder = (out: string, verb: string): RunFolder =>
  makeFolder(out, `${stamp(new Date())}-${verb}-${randomBytes(3).toString("hex")}`, (path) => mkdirSync(path));

/** The folder of this name, which may be there: for work that goes on where it was. */
export const keptRunFolder = (out: string, name: string): RunFolder => makeFolder(out, name, makeDirectory);

/** A folder that is there already. */
export const runFolderAt = (path: string): RunFolder => {
  const write = (file: string, text: string): void => {
    const part = join(path, `.${file}.part`);
    writeFileSync(part, text);
    renameSync(part, join(path, file));
  };
  return { name: basename(path), path, journal: join(path, "journal.ndjson"), write };
};
