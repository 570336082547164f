// `quiesce run`: one machine, one list of operations, one verdict.
import { BadInput } from "../../shared/machine/badInput.ts";
import { endText } from "../../shared/report/endText.ts";
import type { ProgressOptions } from "../../shared/report/progressText.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { compressJournal } from "../recorder/journalFile.ts";
import { makeRunFolder, type RunFolder } from "../recorder/runFolder.ts";
import { type Telemetry, telemetered } from "../telemetry/telemetry.ts";
import { onCrashSay } from "./crash.ts";
import type { EngineOptions, Ran } from "./engines/engine.ts";
import { execute } from "./engines/execute.ts";
import { firstDifferenceFrom, headerOf } from "./engines/virtual.ts";
import { errorText, exitCodeOf, exitCodeOfRun, exitCodes } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { json, writeManifest } from "./manifestFile.ts";
import { picturesBeside } from "./report/beside.ts";
import { writeResults } from "./results.ts";
import { collectAll, type Flags } from "./settings/collect.ts";
import { type Configuration, configure } from "./settings/configuration.ts";
import { reproLine } from "./settings/repro.ts";
import { coloursOn, columnsOf } from "./terminal.ts";

/** What of a run is not a setting of the simulated machine. */
export interface RunRequest {
  readonly flags: Flags;
  readonly scenario: string | undefined;
  readonly checkDeterminism: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noProgress: boolean;
  readonly metricsPort?: string | undefined;
  /** Of a run whose hosts join it: what else it is told, as its command says it. */
  readonly spread?: {
    readonly verb: string;
    readonly flags: readonly string[];
    readonly options: NonNullable<EngineOptions["spread"]>;
    readonly shape: (configuration: Configuration) => Configuration;
  };
}

const configurationOf = ({ flags, scenario, checkDeterminism, spread }: RunRequest): Configuration => {
  const configuration = configure(collectAll(flags, process.env, scenario));
  if (spread !== undefined) return spread.shape(configuration);
  if (!checkDeterminism) return configuration;
  if (configuration.engine !== "virtual")
    throw new BadInput("", "--check-determinism", "a live run never repeats itself: use --engine virtual");
  if (configuration.journal === "off") throw new BadInput("", "--check-determinism", "compares journals: leave out --journal off");
  return configuration;
};

const progressFor = ({ json, quiet, noProgress }: RunRequest, cpus: number): ProgressOptions | null => {
  if (json || quiet || noProgress || !process.stderr.isTTY) return null;
  return { cpus, columns: columnsOf(process.stderr), colours: coloursOn(process.stderr) };
};

/** One run, from its folder to its last line. */
interface Work {
  readonly folder: RunFolder;
  readonly configuration: Configuration;
  readonly request: RunRequest;
  /** The line that runs it again. */
  readonly repro: string;
  readonly signal: AbortSignal;
}

/** Runs it once more and tells of a difference; false if there is one. */
const isDeterministic = async ({ folder, configuration, signal }: Work): Promise<boolean> => {
  const line = await firstDifferenceFrom(folder.journal, headerOf(configuration), configuration, signal);
  if (signal.aborted) return true;
  if (line === null) process.stderr.write("quiesce: run twice: the journals are the same, byte for byte\n");
  else process.stderr.write(`quiesce: NOT DETERMINISTIC: run twice, the journals differ from line ${line} on (${folder.path})\n`);
  return line === null;
};

const textOf = (summary: Summary, { end }: Ran, { folder, configuration, request, repro }: Work, report: string): string => {
  if (request.quiet) return `${[summary.verdict, ...summary.reasons].join("; ")}\n`;
  const { setup, journal, given } = configuration;
  const colours = coloursOn(process.stdout);
  const replayable = journal !== "off";
  const callsAsked = given.calls !== undefined;
  return endText(summary, { verb: "run", patch: setup.patch.id, repro, folder: folder.path, replayable, report, callsAsked, end, colours });
};

const onNotice = (text: string): void => void process.stderr.write(`quiesce: ${text}\n`);

const carryOut = async (work: Work, telemetry: Telemetry): Promise<number> => {
  const { folder, configuration, request, signal } = work;
  const startedMs = Date.now();
  const ran = await execute({
    configuration,
    run: folder.name,
    journal: folder.journal,
    folder: folder.path,
    progress: progressFor(request, configuration.setup.cpus),
    ...(telemetry.onFact !== null && { onFact: telemetry.onFact }),
    onNotice,
    ...(request.spread !== undefined && { spread: request.spread.options }),
    signal,
  });
  const summary = writeResults(folder, configuration, ran);
  await telemetry.record({
    summary,
    name: request.spread?.options.name ?? folder.name,
    journal: configuration.journal === "off" ? null : folder.journal,
    startedMs,
  });
  const deterministic = !request.checkDeterminism || signal.aborted || (await isDeterministic(work));
  if (configuration.journal !== "off") await compressJournal(folder.journal);
  const report = await picturesBeside(folder, summary, configuration.journal !== "off");
  process.stdout.write(request.json ? json(summary) : textOf(summary, ran, work, report));
  const code = exitCodeOfRun(ran);
  return deterministic || code === exitCodes.interrupted ? code : exitCodes.notDeterministic;
};

/** Gives the exit code. What is wrong with the request is thrown; what goes wrong later is told with the line that repeats it. */
export const run = async (request: RunRequest): Promise<number> => {
  const configuration = configurationOf(request);
  const extra = request.spread?.flags ?? (request.checkDeterminism ? ["--check-determinism"] : []);
  const repro = reproLine(configuration, extra, request.spread?.verb);
  const folder = makeRunFolder(configuration.out, "run");
  folder.write("repro.txt", `${repro}\n`);
  if (!request.quiet) process.stderr.write(`quiesce run   seed ${configuration.setup.seed}   again: ${repro}\n`);
  writeManifest(folder, "run", configuration);
  const lastWords = `quiesce: seed ${configuration.setup.seed}   again: ${repro}\n`;
  onCrashSay(lastWords);
  try {
    return await telemetered({ verb: "run", metricsPort: request.metricsPort, onNotice }, (telemetry) =>
      interruptible((signal) => carryOut({ folder, configuration, request, repro, signal }, telemetry)),
    );
  } catch (error) {
    process.stderr.write(`${errorText(error)}${lastWords}`);
    return exitCodeOf(error);
  }
};
