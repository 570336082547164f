// One cell of a load study, live: the run itself, and then its CPUs once more from the journal, for what their tasks answered.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TurnReader } from "../../../shared/journal/turns.ts";
import { Relive } from "../../../shared/load/relive.ts";
import { readJournalFile } from "../../recorder/journalFile.ts";
import type { RunFolder } from "../../recorder/runFolder.ts";
import { execute } from "../engines/execute.ts";
import type { Configuration } from "../settings/configuration.ts";
import { answerOf, type MeasureAnswer, type Measures, meterFor } from "./measure.ts";
import { keepOutlier } from "./outlier.ts";

export interface LiveCell {
  readonly name: string;
  readonly configuration: Configuration;
  readonly measures: Measures;
  readonly folder: RunFolder;
  readonly onNotice: (text: string) => void;
  readonly signal: AbortSignal;
}

export const measureLive = async ({ name, configuration, measures, folder, onNotice, signal }: LiveCell): Promise<MeasureAnswer> => {
  const { setup } = configuration;
  const path = join(folder.path, name);
  mkdirSync(path);
  const journal = join(path, "journal.ndjson");
  const ran = await execute({
    configuration: { ...configuration, journal: "full", journalAll: true },
    run: `${folder.name}-${name}`,
    journal,
    folder: path,
    progress: null,
    onNotice: (text) => onNotice(`${name}: ${text}`),
    signal,
  });
  if (ran.end.ended === "interrupted") return { ran, felt: null, hlog: "" };
  const meter = meterFor(setup, measures);
  const relive = new Relive(setup, meter);
  const turns = new TurnReader({
    turn: (turn) => {
      meter.observer.turn(turn);
      relive.take(turn);
    },
    fault: () => undefined,
  });
  await readJournalFile(journal, (line) => {
    if (line.is === "entry") turns.push(line.entry);
  });
  turns.finish();
  const at = relive.finish(ran.end.at);
  const answer = answerOf(setup, meter, { ...ran, end: { ...ran.end, at } }, measures);
  const outlier = answer.felt?.outlier ?? null;
  if (outlier !== null) onNotice(`${name}: ${keepOutlier(folder, name, journal, outlier)}`);
  rmSync(path, { recursive: true });
  return answer;
};
