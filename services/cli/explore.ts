// `quiesce explore`: every interleaving of a small machine with only so many faults, and the shortest way to whatever breaks.
import { budgetsText } from "../../shared/explore/budgetsText.ts";
import { type Exploration, explore as exploreAll } from "../../shared/explore/explore.ts";
import { type Budgets, exploreLimits, exploreSetupOf, whyNotExplored, writtenSetup } from "../../shared/explore/machines/setup.ts";
import type { Counts } from "../../shared/explore/search/search.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import { printTopology } from "../../shared/protocol/topology.ts";
import { counted } from "../../shared/report/counted.ts";
import type { Explored } from "../../shared/report/exploreSummary.ts";
import { version } from "../recorder/manifest.ts";
import { makeRunFolder } from "../recorder/runFolder.ts";
import { exitCodes } from "./exit.ts";
import { pathSchema } from "./explore/path.ts";
import { replaySearch } from "./explore/replay.ts";
import { explorationText, progressText } from "./explore/text.ts";
import { json, writeManifest } from "./manifestFile.ts";
import { pageBeside } from "./report/beside.ts";
import { collectAll, type Flags } from "./settings/collect.ts";
import { type Configuration, configure } from "./settings/configuration.ts";
import { modelOf } from "./settings/model.ts";
import { reproLine } from "./settings/repro.ts";
import { count } from "./settings/values.ts";
import { coloursOn } from "./terminal.ts";

/** Texts of the flags that only this verb has; what nobody gave is undefined. */
export interface ExploreRequest {
  readonly flags: Flags;
  readonly budgets: { readonly [Budget in keyof Budgets]: string | undefined };
  readonly maxStates: string | undefined;
  readonly memory: string | undefined;
  readonly time: string | undefined;
  readonly replay: string | undefined;
  readonly exact: boolean;
  readonly scenario: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noProgress: boolean;
}

/** Defaults of the limits: what the search may take where nobody says more. */
const usual = { maxStates: 200_000_000, megabytes: 8_000, seconds: 600 } as const;

/** A transition needs to look twice to see that it looks again. */
const usualBudgets: Budgets = { drops: 0, copies: 0, cpuCrashes: 0, coordinatorCrashes: 0, secondCoordinator: 0, calls: 0, checks: 2 };

const flagOf: { readonly [Budget in keyof Budgets]: string } = {
  drops: "--drops",
  copies: "--copies",
  cpuCrashes: "--cpu-crashes",
  coordinatorCrashes: "--coordinator-crashes",
  secondCoordinator: "--second-coordinator",
  calls: "--calls",
  checks: "--checks",
};

const numberOf = (flag: string, text: string | undefined, usual: number, most: number): number => {
  if (text === undefined) return usual;
  try {
    return count(0, most).read(text);
  } catch (error) {
    throw new BadInput("", flag, (error as Error).message);
  }
};

const budgetsOf = ({ budgets }: ExploreRequest): Budgets => {
  const read = Object.entries(usualBudgets).map(([name, value]) => {
    const budget = name as keyof Budgets;
    return [budget, numberOf(flagOf[budget], budgets[budget], value, exploreLimits.budget)];
  });
  return Object.fromEntries(read) as unknown as Budgets;
};

/** Where nobody asks for more. A second attempt is a new epoch while packets of the first are still on their way. */
const usualCpus = 2;
const usualAttempts = 2;

const settle = (request: ExploreRequest) => {
  const collected = collectAll(request.flags, process.env, request.scenario);
  const { given } = collected;
  const small = { ...collected, given: { ...given, cpus: given.cpus ?? usualCpus } };
  const model = modelOf(collected);
  const configuration = configure(small, { ...model, attempts: given.attempts ?? Math.min(usualAttempts, model.attempts) });
  const { setup } = configuration;
  if (setup.cpus > exploreLimits.cpus)
    throw collected.blame("cpus", `${setup.cpus} CPUs: no more than ${exploreLimits.cpus} can be explored`);
  const explored = exploreSetupOf(setup, budgetsOf(request));
  const refusal = whyNotExplored(explored);
  if (refusal !== undefined) throw collected.blame(setup.mutant === undefined ? "model" : "mutant", refusal);
  return { configuration, explored };
};

/** The line that makes this search again. Nothing of it is drawn, so it needs no seed. */
const againLine = (configuration: Configuration, { budgets, maxStates, memory, time, exact }: ExploreRequest): string => {
  const texts = Object.entries(flagOf).flatMap(([name, flag]) => {
    const text = budgets[name as keyof Budgets];
    if (text === undefined) return [];
    return name === "secondCoordinator" ? [flag] : [`${flag} ${text}`];
  });
  const limits = Object.entries({ "max-states": maxStates, memory, time }).flatMap(([name, text]) =>
    text === undefined ? [] : [`--${name} ${text}`],
  );
  return reproLine(configuration, [...texts, ...limits, ...(exact ? ["--exact"] : [])], "explore", ["out", "seed"]);
};

const msBetweenLines = 200;

const limitsOf = (request: ExploreRequest, startedAt: number) => {
  const seconds = numberOf("--time", request.time, usual.seconds, 1_000_000);
  const bytes = 1e6 * numberOf("--memory", request.memory, usual.megabytes, 10_000_000);
  const shows = !request.json && !request.quiet && !request.noProgress && process.stderr.isTTY;
  let shownAt = startedAt;
  return {
    maxStates: numberOf("--max-states", request.maxStates, usual.maxStates, 2 ** 30),
    memoryIsFull: () => process.memoryUsage.rss() > bytes,
    timeIsUp: () => performance.now() - startedAt > 1000 * seconds,
    progress: (counts: Counts) => {
      const now = performance.now();
      if (!shows || now - shownAt < msBetweenLines) return;
      shownAt = now;
      process.stderr.write(`\r\u001b[K${progressText(counts, now - startedAt)}`);
    },
    clear: () => shows && process.stderr.write("\r\u001b[K"),
  };
};

/** A mutant that nobody saw has not been shown to keep the promises: it was given too little room. */
const judged = (found: Exploration, mutant: string | undefined): Exploration =>
  mutant !== undefined && found.verdict === "valid" ? { ...found, verdict: "unknown" } : found;

const exitCodeOf = ({ verdict, counterexample }: Exploration): number => {
  if (verdict === "valid") return exitCodes.holds;
  if (verdict === "unknown") return exitCodes.unknown;
  return counterexample?.property === "ends" ? exitCodes.notLive : exitCodes.violated;
};

export const explore = async (request: ExploreRequest): Promise<number> => {
  if (request.replay !== undefined) return replaySearch(request.replay, request.json);
  const { configuration, explored } = settle(request);
  const again = againLine(configuration, request);
  if (!request.quiet) process.stderr.write(`quiesce explore   again: ${again}\n`);
  const startedAt = performance.now();
  const { clear, ...limits } = limitsOf(request, startedAt);
  const { mutant } = configuration.setup;
  const found = judged(exploreAll(explored, { ...limits, exact: request.exact }), mutant);
  clear();
  const seconds = (performance.now() - startedAt) / 1000;
  const folder = makeRunFolder(configuration.out, "explore");
  writeManifest(folder, "explore", configuration, { budgets: explored.budgets });
  const { counterexample, ...rest } = found;
  const document: Explored = {
    schema: "quiesce.explore/1",
    run: folder.name,
    model: explored.model.name,
    mutant: mutant ?? null,
    cpus: explored.cpus,
    topology: printTopology(explored.topology),
    attempts: explored.model.attempts,
    budgets: explored.budgets,
    exact: request.exact,
    seconds: Math.round(10 * seconds) / 10,
    megabytes: Math.round(process.memoryUsage.rss() / 1e6),
    ...rest,
    counterexample,
  };
  folder.write("summary.json", json(document));
  folder.write("repro.txt", `${again}\n`);
  if (counterexample !== null)
    folder.write(
      "path.json",
      json({ schema: pathSchema, code: version, setup: writtenSetup(explored, mutant), properties: found.properties, ...counterexample }),
    );
  const report = await pageBeside(folder);
  if (request.json) process.stdout.write(json(document));
  else if (request.quiet) process.stdout.write(`${found.verdict}\n`);
  else {
    const subject = `${mutant === undefined ? "" : `mutant ${mutant} of `}${explored.model.name}`;
    const about = [subject, counted(explored.cpus, "CPU"), budgetsText(explored)];
    const { megabytes } = document;
    process.stdout.write(
      explorationText({ about, found, seconds, megabytes, folder: folder.path, report, again, colours: coloursOn(process.stdout) }),
    );
  }
  if (mutant !== undefined && found.counterexample === null)
    process.stderr.write(
      "quiesce: the mutant was not seen: give it more room (drops, copies, crashes, attempts, CPUs; docs/mutants.md says how little shows it)\n",
    );
  return exitCodeOf(found);
};
