// The journal around a request that was too slow: only what lies about it is kept, of a run in virtual time that is made once more, or of
// a live one before its journal goes.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { SlowFelt } from "../../../shared/load/felt.ts";
import { blockAt } from "../../recorder/journalFile.ts";
import type { RunFolder } from "../../recorder/runFolder.ts";

const beforeNs = 20_000_000;
const afterNs = 2_000_000;

/** The name of the whole journal of a run in virtual time, until it has been cut. */
export const wholeJournal = (folder: RunFolder, cell: string): string => join(folder.path, `.${cell}.ndjson`);

/** The lines of a file that may be larger than memory. */
function* linesIn(path: string): Generator<string> {
  const utf8 = new TextDecoder();
  let rest = "";
  let at = 0;
  for (let bytes = blockAt(path, at); bytes.length > 0; bytes = blockAt(path, at)) {
    at += bytes.length;
    const lines = (rest + utf8.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() as string;
    yield* lines;
  }
}

/** Keeps the header, and the lines of the time about the outlier; says so. The whole journal is removed. */
export const keepOutlier = (folder: RunFolder, cell: string, journal: string, { atUs, latencyUs }: SlowFelt): string => {
  if (!existsSync(journal)) throw new Error(`the run of ${cell} left no journal`);
  const from = atUs * 1000 - beforeNs;
  const to = (atUs + latencyUs) * 1000 + afterNs;
  const kept: string[] = [];
  let header: string | undefined;
  for (const line of linesIn(journal)) {
    header ??= line;
    const at = Number(/"at":(\d+)/.exec(line)?.[1] ?? Number.NaN);
    if (line !== header && at >= from && at <= to) kept.push(line);
  }
  rmSync(journal);
  const name = `outlier-${cell}.ndjson`;
  folder.write(name, `${[header, ...kept].join("\n")}\n`);
  return `${kept.length} lines about a request of ${latencyUs} us in ${name}`;
};
