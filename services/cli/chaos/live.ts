// One run of a live study: real processes over NATS under real faults, judged. A run that cannot be vouched for is kept, for none repeats it.
import { join } from "node:path";
import { Reached } from "../../../shared/chaos/reached.ts";
import { type Trial, trialOf } from "../../../shared/chaos/trial.ts";
import type { Fact } from "../../../shared/protocol/facts.ts";
import { readJournalFile } from "../../recorder/journalFile.ts";
import { runInFolder, settle } from "../engines/folderRun.ts";
import { configure } from "../settings/configuration.ts";
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
  const made = await runInFolder({
    configuration,
    path: keptAt(folder.path, setup.seed),
    run: `${folder.name}-${setup.seed}`,
    onNotice: (text) => onNotice(`seed ${setup.seed}: ${text}`),
    signal,
  });
  const trial = trialOf({ setup, plan, ...made.ran, reached: await reachedIn(made.folder.journal) });
  // A fault that never struck leaves one run's verdict open, but nothing that its journal could tell.
  const isSound = trial.failures.length === 0 && trial.ended === "finished";
  await settle(made, !isSound && !signal.aborted);
  return trial;
};
