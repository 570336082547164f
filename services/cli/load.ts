// `quiesce load`: what the users of a machine feel while it is patched again and again, for models and rates side by side.
import { printArrivals } from "../../shared/load/grammar.ts";
import { printFault } from "../../shared/nemesis/grammar.ts";
import type { Load, LoadCell, LoadLimit } from "../../shared/report/loadSummary.ts";
import { loadCsv, loadQuietText, loadText } from "../../shared/report/loadText.ts";
import { makeRunFolder, type RunFolder } from "../recorder/runFolder.ts";
import { type Telemetry, telemetered } from "../telemetry/telemetry.ts";
import { onCrashSay } from "./crash.ts";
import { errorText, exitCodeOf, exitCodes } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { type CellsOptions, keepOutliers, searchLimits, sweepCells } from "./load/cells.ts";
import { type LoadRequest, type Study, settle } from "./load/study.ts";
import { json, writeManifest } from "./manifestFile.ts";
import { pageBeside } from "./report/beside.ts";
import { reproLine } from "./settings/repro.ts";
import { coloursOn, columnsOf } from "./terminal.ts";

interface Work {
  readonly request: LoadRequest;
  readonly study: Study;
  readonly folder: RunFolder;
  readonly repro: string;
  readonly signal: AbortSignal;
}

const documentOf = ({ study, folder, signal }: Work, cells: readonly LoadCell[], limits: readonly LoadLimit[] | null): Load => {
  const [{ engine, setup, plan, given }] = study.configurations;
  return {
    schema: "quiesce.load/1",
    run: folder.name,
    engine,
    cpus: setup.cpus,
    workload: setup.workload.name,
    profile: setup.profile.name,
    patch: setup.patch.id,
    faults: plan.faults.map(printFault),
    seed: setup.seed,
    arrivals: printArrivals(study.arrivalsAt(study.sweep.low)),
    callsPerSecond: given.calls ?? null,
    reschedulesPerSecond: given.reschedules ?? null,
    patches: study.patches,
    patchEveryUs: study.everyNs / 1000,
    warmUpUs: study.warmUpNs / 1000,
    coolDownUs: study.coolNs / 1000,
    thresholds: study.thresholds.map(({ text }) => text),
    cells,
    limits,
    complete: !signal.aborted,
  };
};

/** A promise broken counts for more than a threshold crossed; a search for the limit crosses thresholds on purpose. */
const exitCodeFor = ({ cells, limits, complete }: Load): number => {
  if (!complete) return exitCodes.interrupted;
  if (cells.some(({ verdict }) => verdict === "violated")) return exitCodes.violated;
  const crossed =
    limits === null ? cells.some(({ thresholds }) => thresholds.some(({ holds }) => !holds)) : limits.some(({ holds }) => holds === null);
  return crossed ? exitCodes.threshold : exitCodes.holds;
};

const say = async ({ request, folder, repro }: Work, document: Load): Promise<void> => {
  folder.write("summary.json", json(document));
  folder.write("results.csv", loadCsv(document));
  const { loadFigure } = await import("../../shared/report/loadFigure.ts");
  const figure = loadFigure(document);
  if (figure !== null) folder.write("latency.svg", figure);
  await pageBeside(folder);
  if (request.json) process.stdout.write(json(document));
  else if (request.quiet) process.stdout.write(loadQuietText(document));
  else {
    const columns = process.stdout.isTTY ? columnsOf(process.stdout) : Infinity;
    process.stdout.write(loadText(document, { folder: folder.path, repro, columns, colours: coloursOn(process.stdout) }));
  }
};

const onNotice = (text: string): void => void process.stderr.write(`quiesce: ${text}\n`);

const carryOut = async (work: Work, telemetry: Telemetry): Promise<number> => {
  const { request, study, folder, signal } = work;
  const shows = !request.json && !request.quiet && !request.noProgress && process.stderr.isTTY;
  const options: CellsOptions = {
    study,
    folder,
    signal,
    onCell: ({ name, model, verdict, operations }) => {
      telemetry.count({ model, verdict, attempts: operations.length });
      if (shows) process.stderr.write(`\r\u001b[K  ${name} done`);
    },
    onNotice,
  };
  const { cells, limits } =
    study.precision === null ? { cells: await sweepCells(options), limits: null } : await searchLimits(options, study.precision);
  if (shows) process.stderr.write("\r\u001b[K");
  const engine = study.configurations[0].engine;
  // A live run never repeats itself: what lay about its outlier has been kept.
  if (engine === "virtual" && study.breakOverNs !== null && !signal.aborted) await keepOutliers(options, cells);
  const document = documentOf(work, cells, limits);
  await say(work, document);
  return exitCodeFor(document);
};

/** Gives the exit code. What is wrong with the request is thrown; what goes wrong later is told with the line that repeats it. */
export const load = async (request: LoadRequest): Promise<number> => {
  const study = settle(request);
  const [first] = study.configurations;
  const repro = reproLine(first, study.texts.line, "load");
  const folder = makeRunFolder(first.out, "load");
  folder.write("repro.txt", `${repro}\n`);
  const lastWords = `quiesce: seed ${first.setup.seed}   again: ${repro}\n`;
  if (!request.quiet) process.stderr.write(`quiesce load   seed ${first.setup.seed}   again: ${repro}\n`);
  const models = study.configurations.map(({ setup }) => setup.model);
  writeManifest(folder, "load", first, { setup: { ...first.setup, model: null }, models, study: study.texts.line });
  onCrashSay(lastWords);
  try {
    return await telemetered({ verb: "load", metricsPort: request.metricsPort, onNotice }, (telemetry) =>
      interruptible((signal) => carryOut({ request, study, folder, repro, signal }, telemetry)),
    );
  } catch (error) {
    process.stderr.write(`${errorText(error)}${lastWords}`);
    return exitCodeOf(error);
  }
};
