// One run of a live study: real processes over NATS under real faults, judged, and nothing kept of it but what the study keeps.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Trial, trialOf } from "../../../shared/chaos/trial.ts";
import { execute } from "../engines/execute.ts";
import { configure } from "../settings/configuration.ts";
import type { Given } from "../settings/table.ts";
import type { StudyOptions } from "./carryOut.ts";
import { collectedFrom } from "./cases.ts";

export const takeLiveTrial = async (
  settings: Given,
  { folder, signal, onNotice }: Pick<StudyOptions, "folder" | "signal" | "onNotice">,
): Promise<Trial> => {
  const configuration = configure(collectedFrom({ ...settings, journal: "off" }));
  const { setup, plan } = configuration;
  const path = mkdtempSync(join(folder.path, "run-"));
  try {
    const run = `${folder.name}-${setup.seed}`;
    const ran = await execute({
      configuration,
      run,
      journal: join(path, "journal.ndjson"),
      folder: path,
      progress: null,
      onNotice: (text) => onNotice(`seed ${setup.seed}: ${text}`),
      signal,
    });
    return trialOf({ setup, plan, ...ran });
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
};
