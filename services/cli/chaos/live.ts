// One run of a live study: real processes over NATS under real faults, judged. A run that cannot be vouched for is kept, for none repeats it.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Reached } from "../../../shared/chaos/reached.ts";
import { type Trial, trialOf } from "../../../shared/chaos/trial.ts";
import type { Fact } from "../../../shared/protocol/facts.ts";
import { compressJournal, readJournalFile } from "../../recorder/journalFile.ts";
import { runFolderAt } from "../../recorder/runFolder.ts";
import { execute } from "../engines/execute.ts";
import { writeManifest } from "../manifestFile.ts";
import { configure } from "../settings/configuration.ts";
import { reproLine } from "../settings/repro.ts";
import type { Given } from "../settings/table.ts";
import type { StudyOptions } from "./carryOut.ts";
import { collectedFrom } from "./cases.ts";

/** Where the run of this seed is kept if it is. */
export const keptAt = (study: string, seed: number): string => join(study, `run-${seed}`);

const reachedIn = async (journal: string): Promise<Reached> => {
  const reached = new Reached();
  await readJournalFile(journal, (line) => {
    if (line.is === "entry" && line.entry.kind === "fact") reached.see(line.entry.body as Fact, line.entry.at);
  });
  return reached;
};

export const takeLiveTrial = async (
  settings: Given,
  { folder, signal, onNotice }: Pick<StudyOptions, "folder" | "signal" | "onNotice">,
): Promise<Trial> => {
  const configuration = configure(collectedFrom(settings));
  const { setup, plan } = configuration;
  const path = keptAt(folder.path, setup.seed);
  // A study that was cut off may have left the beginning of one.
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  const kept = runFolderAt(path);
  kept.write("repro.txt", `${reproLine(configuration)}\n`);
  writeManifest(kept, "run", configuration);
  const ran = await execute({
    configuration,
    run: `${folder.name}-${setup.seed}`,
    journal: kept.journal,
    folder: path,
    progress: null,
    onNotice: (text) => onNotice(`seed ${setup.seed}: ${text}`),
    signal,
  });
  const trial = trialOf({ setup, plan, ...ran, reached: await reachedIn(kept.journal) });
  // A fault that never struck leaves one run's verdict open, but nothing that its journal could tell.
  const isSound = trial.failures.length === 0 && trial.ended === "finished";
  if (isSound || signal.aborted) rmSync(path, { recursive: true });
  else await compressJournal(kept.journal);
  return trial;
};
