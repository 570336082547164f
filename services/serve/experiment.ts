// Experiments of the page: it runs virtual machines by itself, and here is settled which: what a command line makes of the same settings.
import { BadInput, didYouMean } from "../../shared/machine/badInput.ts";
import { printFault } from "../../shared/nemesis/grammar.ts";
import { configurationsOf, modelsNamed } from "../cli/compare/plan.ts";
import { headerOf } from "../cli/engines/virtual.ts";
import { type Collected, collectAll, type Flags } from "../cli/settings/collect.ts";
import { type Configuration, configure } from "../cli/settings/configuration.ts";
import { reproLine } from "../cli/settings/repro.ts";
import { scenarioFile } from "../cli/settings/scenarioFile.ts";
import type { SettingName } from "../cli/settings/table.ts";
import { Refused } from "./answer.ts";
import { apiLimits, type Comparison, type Experiment } from "./api.ts";
import { isFileName, namesFiles, settable } from "./order.ts";

/** Settings by their names, as often as they are given; in virtual time, whatever else is said. */
const flagsOf = (query: URLSearchParams, besides: readonly string[]): Flags => {
  const flags = new Map<SettingName, readonly string[]>([["engine", ["virtual"]]]);
  for (const key of new Set(query.keys())) {
    if (besides.includes(key)) continue;
    const name = settable.find((known) => known === key);
    if (name === undefined) throw new BadInput("", key, `a page has no such setting${didYouMean(key, [...settable, ...besides])}`);
    const texts = query.getAll(key);
    if (namesFiles.includes(name) && texts.some(isFileName)) throw new BadInput("", key, "a page may give a name, not a file");
    flags.set(name, texts);
  }
  // A page that asks again, for another fault, is to get the same machine: so a seed is drawn by who asks, or is 1.
  if (!flags.has("seed")) flags.set("seed", ["1"]);
  return flags;
};

const collected = (query: URLSearchParams, besides: readonly string[] = []): Collected =>
  collectAll(flagsOf(query, besides), process.env, undefined);

const checkSize = ({ setup }: Configuration): void => {
  if (setup.cpus > apiLimits.experimentCpus)
    throw new BadInput("", "cpus", `${setup.cpus} CPUs, more than the ${apiLimits.experimentCpus} that a page draws`);
};

/** Whatever is wrong with the settings is the page's to show. */
const refusing = <T>(settle: () => T): T => {
  try {
    return settle();
  } catch (error) {
    throw error instanceof BadInput ? new Refused(400, error.message) : error;
  }
};

export const experimentOf = (query: URLSearchParams): Experiment =>
  refusing(() => {
    const configuration = configure(collected(query));
    checkSize(configuration);
    return { header: headerOf(configuration), command: reproLine(configuration), scenario: scenarioFile(configuration) };
  });

/** Every model, or those that `models` lists, on the same machine. */
export const comparisonOf = (query: URLSearchParams): Comparison =>
  refusing(() => {
    const models = query.get("models") ?? undefined;
    const configurations = configurationsOf(collected(query, ["models"]), modelsNamed(models));
    const [first] = configurations;
    if (first === undefined) throw new Error("a comparison of no models");
    checkSize(first);
    const { setup, plan } = first;
    return {
      headers: configurations.map(headerOf),
      command: reproLine(first, models === undefined ? [] : [`--models ${models}`], "compare"),
      shared: {
        ...{ run: "page", engine: "virtual", transport: "none", cpus: setup.cpus, hosts: 0, tasks: setup.cpus * setup.tasksPerCpu },
        ...{ workload: setup.workload.name, profile: setup.profile.name, faults: plan.faults.map(printFault) },
        ...{ seed: setup.seed, repeat: 1, complete: true },
      },
    };
  });
