// The journal around a request that was too slow: the run once more, of which only what lies about it is kept.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { SlowFelt } from "../../../shared/load/felt.ts";
import type { RunFolder } from "../../recorder/runFolder.ts";

const beforeNs = 20_000_000;
const afterNs = 2_000_000;

/** The name of the whole journal, until it has been cut. */
export const wholeJournal = (folder: RunFolder, cell: string): string => join(folder.path, `.${cell}.ndjson`);

/** Keeps the header, and the lines of the time about the outlier. Returns how many. */
export const keepOutlier = (folder: RunFolder, cell: string, { atUs, latencyUs }: SlowFelt): number => {
  const path = wholeJournal(folder, cell);
  if (!existsSync(path)) throw new Error(`the run of ${cell} left no journal`);
  const from = atUs * 1000 - beforeNs;
  const to = (atUs + latencyUs) * 1000 + afterNs;
  const [header = "", ...lines] = readFileSync(path, "utf8").split("\n");
  const kept = lines.filter((line) => {
    const at = Number(/"at":(\d+)/.exec(line)?.[1] ?? Number.NaN);
    return at >= from && at <= to;
  });
  rmSync(path);
  folder.write(`outlier-${cell}.ndjson`, `${[header, ...kept].join("\n")}\n`);
  return kept.length;
};
