// Recorded runs as the page sees them: a list, and a few files of each, by names that lead nowhere else.
import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { Summary } from "../../shared/report/summary.ts";
import { Refused } from "./answer.ts";
import { apiLimits, isRunId, type RunFile, type RunList, type RunListed, runFiles } from "./api.ts";
import type { TraceDesk } from "./traceDesk.ts";

/** Neither of these is followed where it is a link: it could lead out of the folder. */
const stats = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });
const isFile = (path: string): boolean => stats(path)?.isFile() === true;

/** The journal as it lies there. */
const journalIn = (folder: string): string | undefined =>
  ["journal.ndjson.gz", "journal.ndjson"].map((name) => join(folder, name)).find(isFile);

const has = (folder: string, file: RunFile): boolean => {
  // A trace is drawn from the journal.
  if (file === "journal.ndjson" || file === "trace.json") return journalIn(folder) !== undefined;
  return isFile(join(folder, file));
};

const bytesOf = (path: string): Buffer => {
  const { size } = lstatSync(path);
  if (size > apiLimits.fileBytes) throw new Refused(413, `the file has ${size} bytes, more than ${apiLimits.fileBytes}`);
  return readFileSync(path);
};

/** Null where a run has left none, or is still about to. */
const summaryIn = (folder: string): RunListed["summary"] => {
  const path = join(folder, "summary.json");
  if (!isFile(path)) return null;
  try {
    const { schema, engine, model, cpus, seed, outcome, verdict } = JSON.parse(bytesOf(path).toString()) as Summary;
    return schema === "quiesce.summary/1" ? { engine, model, cpus, seed, outcome, verdict } : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Refused) return null;
    throw error;
  }
};

/** `out`: where run folders are made. */
export const listRuns = (out: string): RunList => {
  const names = stats(out) === undefined ? [] : readdirSync(out).filter((name) => isRunId(name) && stats(join(out, name))?.isDirectory());
  const newest = names.toSorted().reverse().slice(0, apiLimits.runs);
  const runs = newest.map((id): RunListed => {
    const folder = join(out, id);
    return { id, verb: id.split("-")[1] as string, files: runFiles.filter((file) => has(folder, file)), summary: summaryIn(folder) };
  });
  return { runs, omitted: names.length - runs.length };
};

export interface SentFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The bytes are compressed. */
  readonly gzip: boolean;
}

const types: Readonly<Record<string, string>> = {
  json: "application/json; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  html: "text/html; charset=utf-8",
};

/** A file of a run; both names may be anything that a request can say. */
export const runFile = async (out: string, id: string, name: string, desk: TraceDesk): Promise<SentFile> => {
  const file = runFiles.find((known) => known === name);
  const folder = join(out, id);
  if (!isRunId(id) || stats(folder)?.isDirectory() !== true) throw new Refused(404, "there is no such run");
  if (file === undefined || !has(folder, file)) throw new Refused(404, "the run has no such file");
  const type = types[file.split(".").at(-1) as string] as string;
  if (file === "trace.json") return { type, bytes: await desk.draw(folder, bytesOf), gzip: false };
  const path = file === "journal.ndjson" ? (journalIn(folder) as string) : join(folder, file);
  return { type, bytes: bytesOf(path), gzip: path.endsWith(".gz") };
};
