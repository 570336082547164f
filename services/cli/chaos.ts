// `quiesce chaos`: many seeds of fault plans in virtual time, what survives them, and each way to fail once, with the line that replays it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { closedForm } from "../../shared/chaos/surface.ts";
import type { Trial } from "../../shared/chaos/trial.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { chaosDocument, type Studied, shareOf } from "../../shared/report/chaosDocument.ts";
import { studyLine } from "../../shared/report/chaosProgress.ts";
import type { Chaos } from "../../shared/report/chaosSummary.ts";
import { chaosText } from "../../shared/report/chaosText.ts";
import { chaosResultsCsv } from "../../shared/report/results.ts";
import { makeRunFolder, type RunFolder, runFolderAt } from "../recorder/runFolder.ts";
import { type Telemetry, telemetered } from "../telemetry/telemetry.ts";
import { carryOutStudy, checkpointName, emptyState, type State, type Stopped } from "./chaos/carryOut.ts";
import { Cases, collectedFrom, sizeOf, surfaceCells } from "./chaos/cases.ts";
import { keptAt } from "./chaos/live.ts";
import { type ChaosRequest, type Settled, settle } from "./chaos/settle.ts";
import { onCrashSay } from "./crash.ts";
import { errorText, exitCodeOf, exitCodes } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { json, writeManifest } from "./manifestFile.ts";
import { pageBeside } from "./report/beside.ts";
import { configure } from "./settings/configuration.ts";
import { reproLine } from "./settings/repro.ts";
import { folderOf } from "./shrink/subject.ts";
import { coloursOn, columnsOf } from "./terminal.ts";

interface Work extends Settled {
  readonly request: ChaosRequest;
  readonly folder: RunFolder;
  /** Before the first run of this process. */
  readonly state: State;
  readonly signal: AbortSignal;
}

/** Often enough to look alive, seldom enough to cost nothing. */
const msBetweenLines = 200;

const progressOf = ({ request, study, state }: Work, startedAt: number): ((state: State) => void) => {
  if (request.json || request.quiet || request.noProgress || !process.stderr.isTTY) return () => {};
  const before = state.next;
  let drawnAt = 0;
  return ({ next, tally }) => {
    const now = performance.now();
    if (now - drawnAt < msBetweenLines) return;
    drawnAt = now;
    const line = studyLine({
      done: next,
      of: sizeOf(study),
      doneNow: next - before,
      elapsedMs: now - startedAt,
      failed: tally.failed,
      columns: columnsOf(process.stderr),
    });
    process.stderr.write(`\r\u001b[K${line}`);
  };
};

const surfaceOf = ({ study }: Work, { cells }: State): Chaos["surface"] => {
  if (!study.surface) return null;
  const { setup } = new Cases(study).caseAt(0);
  return surfaceCells.map(({ percent, pauses }, i) => {
    const { runs = 0, committed = 0 } = cells[i] ?? {};
    return {
      lossPercent: percent,
      pauses,
      committed: shareOf(committed, runs),
      closedForm: closedForm(setup.model, setup.cpus, percent / 100, pauses),
    };
  });
};

/** The line that runs one run of the study again: nothing of the study is left in it. */
const replayOf = (cases: Cases, index: number): string => reproLine(configure(collectedFrom(cases.settingsAt(index))));

const studiedOf = (work: Work, state: State, stopped: Stopped, before: number, wallMs: number): Studied => {
  const { study, folder, first } = work;
  const { setup, given } = first;
  const cases = new Cases(study);
  const live = first.engine === "live";
  return {
    run: folder.name,
    engine: first.engine,
    cpus: setup.cpus,
    tasks: setup.cpus * setup.tasksPerCpu,
    workload: setup.workload.name,
    profile: setup.profile.name,
    patch: setup.patch.id,
    mutant: given.mutant ?? null,
    faults: Object.keys(state.tally.given),
    seeds: { first: study.firstSeed, last: study.firstSeed + study.seeds - 1 },
    stopped,
    surface: surfaceOf(work, state),
    wallMs,
    ranNow: state.next - before,
    linesOf: ({ index, seed }) => ({
      replay: live ? `./quiesce replay ${keptAt(folder.path, seed)}` : replayOf(cases, index),
      shrink: `./quiesce shrink ${folder.path} --seed ${seed}`,
    }),
  };
};

const exitCodeFor = ({ verdict, unsafe, stopped }: Chaos): number => {
  if (stopped === "interrupted") return exitCodes.interrupted;
  if (verdict === "valid") return exitCodes.holds;
  if (verdict === "unknown") return exitCodes.unknown;
  return unsafe.hits > 0 ? exitCodes.violated : exitCodes.notLive;
};

const onNotice = (text: string): void => void process.stderr.write(`quiesce: ${text}\n`);

/** Times of runs that were left early are no run's. */
const countTrial = ({ count }: Telemetry, { model, survival, attempts, stopUs, totalUs, sent }: Trial): void =>
  count({ model, verdict: survival, attempts, stopUs, totalUs, ...(sent !== null && { ipis: { sent } }) });

const carryOut = async (work: Work, telemetry: Telemetry): Promise<number> => {
  const { request, study, state, folder, repro, maxFailures, minutes, signal } = work;
  const before = state.next;
  const startedAt = performance.now();
  const endsAtMs = minutes === null ? Infinity : startedAt + minutes * 60_000;
  const stopped = await carryOutStudy({
    study,
    state,
    limits: { maxFailures, endsAtMs },
    folder,
    signal,
    onProgress: progressOf(work, startedAt),
    onNotice,
    onTrial: (trial) => countTrial(telemetry, trial),
  });
  if (process.stderr.isTTY && !request.json && !request.quiet && !request.noProgress) process.stderr.write("\r\u001b[K");
  const document = chaosDocument(state.tally, studiedOf(work, state, stopped, before, performance.now() - startedAt));
  folder.write("summary.json", json(document));
  folder.write("results.csv", chaosResultsCsv(document));
  const { chaosFigure } = await import("../../shared/report/chaosFigure.ts");
  const figure = chaosFigure(document);
  if (figure !== null) folder.write("survival.svg", figure);
  await pageBeside(folder);
  if (request.json) process.stdout.write(json(document));
  else if (request.quiet) process.stdout.write(`${[document.verdict, ...document.reasons].join("; ")}\n`);
  else {
    const columns = process.stdout.isTTY ? columnsOf(process.stdout) : Infinity;
    process.stdout.write(chaosText(document, { folder: folder.path, repro, columns, colours: coloursOn(process.stdout) }));
  }
  return exitCodeFor(document);
};

/** The folder of an interrupted study, which must have been the same one, and how far it came. */
const resumed = (run: string, { study, repro }: Settled): Pick<Work, "folder" | "state"> => {
  const path = folderOf(run);
  const read = (name: string): string => {
    if (!existsSync(join(path, name))) throw new BadInput(run, "", `has no ${name}: it is no study that could be resumed`);
    return readFileSync(join(path, name), "utf8");
  };
  const begun = read("repro.txt").trim();
  if (begun !== repro) throw new BadInput(run, "--resume", `it was begun by another command: ${begun}`);
  const state = JSON.parse(read(checkpointName)) as State;
  if (state.next > sizeOf(study)) throw new BadInput(run, "--resume", "its checkpoint is of a larger study");
  return { folder: runFolderAt(path), state };
};

const begun = ({ study, first }: Settled): Pick<Work, "folder" | "state"> => {
  const folder = makeRunFolder(first.out, "chaos");
  writeManifest(folder, "chaos", first, { study });
  return { folder, state: emptyState(study) };
};

/** Gives the exit code. What is wrong with the request is thrown; what goes wrong later is told with the line that repeats it. */
export const chaos = async (request: ChaosRequest): Promise<number> => {
  const settled = settle(request);
  const { repro } = settled;
  const { folder, state } = request.resume === undefined ? begun(settled) : resumed(request.resume, settled);
  folder.write("repro.txt", `${repro}\n`);
  if (!request.quiet) process.stderr.write(`quiesce chaos   again: ${repro}\n`);
  const lastWords = `quiesce: again: ${repro}   or go on: ${repro} --resume ${folder.path}\n`;
  onCrashSay(lastWords);
  try {
    return await telemetered({ verb: "chaos", metricsPort: request.metricsPort, onNotice }, (telemetry) =>
      interruptible((signal) => carryOut({ ...settled, request, folder, state, signal }, telemetry)),
    );
  } catch (error) {
    process.stderr.write(`${errorText(error)}${lastWords}`);
    return exitCodeOf(error);
  }
};
