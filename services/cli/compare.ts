// `quiesce compare`: models side by side on the same machine, workload, seeds, faults and patch, or on every shipped patch.
import { catalogue } from "../../shared/kernel/catalogue.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { printFault } from "../../shared/nemesis/grammar.ts";
import { catalogueOf } from "../../shared/report/compareCatalogue.ts";
import { catalogueText } from "../../shared/report/compareCatalogueText.ts";
import { compareOf } from "../../shared/report/compareRows.ts";
import type { Catalogue, Compare, Shared } from "../../shared/report/compareSummary.ts";
import { type CompareTextOptions, compareText, verdictCell } from "../../shared/report/compareText.ts";
import { patchResultsCsv, resultsCsv } from "../../shared/report/results.ts";
import type { Summary } from "../../shared/report/summary.ts";
import { makeRunFolder, type RunFolder } from "../recorder/runFolder.ts";
import { checkSeeds, configurationsOf, modelsNamed, type Planned, repeated, repeatOf, unlimited, withPatch } from "./compare/plan.ts";
import { carryOutAll, type RunEnd } from "./compare/runs.ts";
import { onCrashSay } from "./crash.ts";
import { errorText, exitCodeOf, exitCodes } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { json, writeManifest } from "./manifestFile.ts";
import { pageBeside } from "./report/beside.ts";
import { type Collected, collectAll, type Flags } from "./settings/collect.ts";
import type { Configuration } from "./settings/configuration.ts";
import { reproLine } from "./settings/repro.ts";
import { coloursOn, columnsOf } from "./terminal.ts";

export interface CompareRequest {
  readonly flags: Flags;
  readonly scenario: string | undefined;
  /** `simple,hybrid`; all of them if not given. */
  readonly models: string | undefined;
  readonly repeat: string | undefined;
  readonly catalogue: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noProgress: boolean;
}

/** What is to be done, settled. */
interface Work {
  readonly request: CompareRequest;
  readonly repeat: number;
  /** One for each model, on the first seed. */
  readonly configurations: readonly [Configuration, ...Configuration[]];
  readonly folder: RunFolder;
  readonly repro: string;
  readonly signal: AbortSignal;
}

const checkCatalogue = ({ engine }: Configuration, { given, blame }: Collected): void => {
  if (engine !== "virtual") throw new BadInput("", "--catalogue", "so many live runs would take hours: use --engine virtual");
  for (const name of ["patch", "forced"] as const)
    if (given[name] !== undefined) throw blame(name, "--catalogue runs every shipped patch as it is: leave this out");
};

const settle = (request: CompareRequest): Omit<Work, "folder" | "signal"> => {
  const repeat = repeatOf(request.repeat);
  const collected = collectAll(request.flags, process.env, request.scenario);
  const compared = modelsNamed(request.models);
  for (const notice of unlimited(collected, compared)) process.stderr.write(`quiesce: ${notice}\n`);
  const configurations = configurationsOf(collected, compared);
  const [first, ...others] = configurations;
  if (first === undefined) throw new Error("a comparison of no models");
  checkSeeds(first, repeat, collected);
  if (request.catalogue) checkCatalogue(first, collected);
  const extra = [
    ...(request.models === undefined ? [] : [`--models ${request.models.replaceAll(/\s/g, "")}`]),
    ...(request.repeat === undefined ? [] : [`--repeat ${repeat}`]),
    ...(request.catalogue ? ["--catalogue"] : []),
  ];
  return { request, repeat, configurations: [first, ...others], repro: reproLine(first, extra, "compare") };
};

const sharedOf = ({ folder, configurations: [{ engine, hosts, setup, plan }], repeat }: Work, complete: boolean): Shared => ({
  run: folder.name,
  engine,
  transport: engine === "live" ? "nats" : "none",
  cpus: setup.cpus,
  hosts,
  tasks: setup.cpus * setup.tasksPerCpu,
  workload: setup.workload.name,
  profile: setup.profile.name,
  faults: plan.faults.map(printFault),
  seed: setup.seed,
  repeat,
  complete,
});

/** The runs that came to their end, by the group of the plan that they belong to. */
type Groups = ReadonlyArray<readonly Summary[]>;

const carryOut = async ({ request, folder, signal }: Work, groups: ReadonlyArray<readonly Planned[]>): Promise<readonly RunEnd[][]> => {
  const planned = groups.flat();
  const shows = !request.json && !request.quiet && !request.noProgress && process.stderr.isTTY;
  const ends = await carryOutAll({
    planned,
    folder,
    signal,
    onNotice: (text) => process.stderr.write(`quiesce: ${text}\n`),
    onProgress: (ended) => {
      if (shows) process.stderr.write(`\r  ${ended} of ${planned.length} runs`);
    },
  });
  if (shows) process.stderr.write("\r\u001b[K");
  let from = 0;
  return groups.map(({ length }) => {
    from += length;
    return ends.slice(from - length, from).filter((end) => end !== undefined);
  });
};

const summariesOf = (groups: ReadonlyArray<readonly RunEnd[]>): Groups => groups.map((ends) => ends.map(({ summary }) => summary));

/** A promise broken counts for more than anything else that went wrong; that nothing was patched is a result like any other. */
const exitCodeFor = (ends: readonly RunEnd[], signal: AbortSignal): number => {
  if (signal.aborted) return exitCodes.interrupted;
  if (ends.some(({ summary }) => summary.verdict === "violated")) return exitCodes.violated;
  return ends.some(({ end }) => end.ended === "environment") ? exitCodes.environment : exitCodes.holds;
};

const quietText = (document: Compare | Catalogue): string =>
  ("models" in document ? document.models : document.rows)
    .map(({ model, verdicts }) => `${model}: ${verdictCell(verdicts).text}\n`)
    .join("");

const say = async <D extends Compare | Catalogue>(
  work: Work,
  document: D,
  textOf: (document: D, options: CompareTextOptions) => string,
): Promise<void> => {
  const {
    request,
    folder,
    repro,
    configurations: [{ given }],
  } = work;
  folder.write("summary.json", json(document));
  await pageBeside(folder);
  if (request.json) process.stdout.write(json(document));
  else if (request.quiet) process.stdout.write(quietText(document));
  else {
    const columns = process.stdout.isTTY ? columnsOf(process.stdout) : Infinity;
    const callsAsked = given.calls !== undefined;
    process.stdout.write(textOf(document, { folder: folder.path, repro, callsAsked, columns, colours: coloursOn(process.stdout) }));
  }
};

const compareModels = async (work: Work): Promise<number> => {
  const { configurations, repeat, folder, signal } = work;
  const groups = await carryOut(
    work,
    configurations.map((configuration) => repeated(configuration, repeat)),
  );
  folder.write("results.csv", resultsCsv(...summariesOf(groups).flat()));
  const document = compareOf(sharedOf(work, !signal.aborted), configurations[0].setup.patch, summariesOf(groups));
  await say(work, document, compareText);
  return exitCodeFor(groups.flat(), signal);
};

const compareCatalogue = async (work: Work): Promise<number> => {
  const { configurations, repeat, folder, signal } = work;
  const groups = await carryOut(
    work,
    configurations.flatMap((configuration) => catalogue.map((patch) => repeated(withPatch(configuration, patch), repeat, `${patch.id}-`))),
  );
  const runs = summariesOf(groups);
  const models = configurations.map((_, model) => catalogue.map((patch, i) => ({ patch, runs: runs[model * catalogue.length + i] ?? [] })));
  folder.write("results.csv", patchResultsCsv(models.flat()));
  await say(work, catalogueOf(sharedOf(work, !signal.aborted), models), catalogueText);
  return exitCodeFor(groups.flat(), signal);
};

/** Gives the exit code. What is wrong with the request is thrown; what goes wrong later is told with the line that repeats it. */
export const compare = async (request: CompareRequest): Promise<number> => {
  const settled = settle(request);
  const { configurations, repeat, repro } = settled;
  const [first] = configurations;
  const folder = makeRunFolder(first.out, "compare");
  folder.write("repro.txt", `${repro}\n`);
  const lastWords = `quiesce: seed ${first.setup.seed}   again: ${repro}\n`;
  if (!request.quiet) process.stderr.write(`quiesce compare   seed ${first.setup.seed}   again: ${repro}\n`);
  const models = configurations.map(({ setup }) => setup.model);
  writeManifest(folder, "compare", first, { setup: { ...first.setup, model: null }, models, repeat, catalogue: request.catalogue });
  onCrashSay(lastWords);
  try {
    return await interruptible((signal) => {
      const work: Work = { ...settled, folder, signal };
      return request.catalogue ? compareCatalogue(work) : compareModels(work);
    });
  } catch (error) {
    process.stderr.write(`${errorText(error)}${lastWords}`);
    return exitCodeOf(error);
  }
};
