// Carries out the runs of a comparison: virtual ones in threads, live ones one after the other, each to its summary.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { summarize } from "../../../shared/report/summarize.ts";
import type { Summary } from "../../../shared/report/summary.ts";
import { compressJournal } from "../../recorder/journalFile.ts";
import type { RunFolder } from "../../recorder/runFolder.ts";
import type { Ran } from "../engines/engine.ts";
import { execute } from "../engines/execute.ts";
import { json } from "../manifestFile.ts";
import type { Planned } from "./plan.ts";
import { runInThreads } from "./pool.ts";

export interface RunsOptions {
  readonly planned: readonly Planned[];
  readonly folder: RunFolder;
  readonly signal: AbortSignal;
  readonly onNotice: (text: string) => void;
  /** So many of the runs have ended. */
  readonly onProgress: (ended: number) => void;
}

/** How one run ended; undefined for one that an interrupt kept from its end. */
export type RunEnd = Pick<Ran, "end"> & { readonly summary: Summary };

const pathOf = ({ folder }: RunsOptions, { name }: Planned): string => join(folder.path, name);

const journalOf = (options: RunsOptions, run: Planned): string => join(pathOf(options, run), "journal.ndjson");

const keepsJournal = ({ configuration }: Planned): boolean => configuration.journal !== "off";

const summaryOf = (options: RunsOptions, { name, configuration }: Planned, ran: Ran): Summary => {
  const { engine, hosts, setup } = configuration;
  const maxRssMb = process.resourceUsage().maxRSS / 1024;
  return summarize({ run: `${options.folder.name}/${name}`, engine, hosts, setup, ...ran, maxRssMb });
};

/** One after the other: each of them wants all of this machine. */
const runLiveOnes = async (options: RunsOptions, onRan: (index: number, ran: Ran) => void): Promise<void> => {
  const { planned, folder, signal, onNotice } = options;
  for (const [index, run] of planned.entries()) {
    if (signal.aborted) return;
    const path = pathOf(options, run);
    mkdirSync(path, { recursive: true });
    const ran = await execute({
      configuration: run.configuration,
      run: `${folder.name}-${run.name}`,
      journal: journalOf(options, run),
      folder: path,
      progress: null,
      onNotice: (text) => onNotice(`${run.name}: ${text}`),
      signal,
    });
    if (!keepsJournal(run)) rmSync(path, { recursive: true });
    onRan(index, ran);
  }
};

/** In the order of the plan. Who asked for journals finds each run in a folder of its own, which `replay` takes. */
export const carryOutAll = async (options: RunsOptions): Promise<ReadonlyArray<RunEnd | undefined>> => {
  const { planned, signal, onProgress, onNotice } = options;
  const ends: Array<RunEnd | undefined> = planned.map(() => undefined);
  let ended = 0;
  const onRan = (index: number, ran: Ran): void => {
    const run = planned[index] as Planned;
    if (ran.end.ended === "interrupted") return;
    const summary = summaryOf(options, run, ran);
    ends[index] = { end: ran.end, summary };
    onProgress(++ended);
  };
  if (planned.every(({ configuration }) => configuration.engine === "virtual")) {
    for (const run of planned.filter(keepsJournal)) mkdirSync(pathOf(options, run), { recursive: true });
    const onFailure = ({ name }: Planned): void => onNotice(`${name} failed`);
    await runInThreads({ planned, journalOf: (run) => journalOf(options, run), onRan, onFailure, signal });
  } else await runLiveOnes(options, onRan);
  await keepFolders(options, ends);
  return ends;
};

const keepFolders = async (options: RunsOptions, ends: ReadonlyArray<RunEnd | undefined>): Promise<void> => {
  for (const [index, run] of options.planned.entries()) {
    const summary = ends[index]?.summary;
    if (summary === undefined || !keepsJournal(run)) continue;
    writeFileSync(join(pathOf(options, run), "summary.json"), json(summary));
    await compressJournal(journalOf(options, run));
  }
};
