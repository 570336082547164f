// What a chaos study is to be, from flags, environment and scenario: settled and checked before anything is written.

import { models as allModels, defaultModel } from "../../../shared/consistency/registry.ts";
import { mutantNamed } from "../../../shared/mutants/registry.ts";
import { checkGiven, modelsNamed } from "../compare/plan.ts";
import { collect, collectAll, type Flags } from "../settings/collect.ts";
import type { Configuration } from "../settings/configuration.ts";
import { configure } from "../settings/configuration.ts";
import { reproLine } from "../settings/repro.ts";
import { count, WrongValue } from "../settings/values.ts";
import { Cases, type Study, withMutantsFaults } from "./cases.ts";
import { type Told, withFile } from "./studyFile.ts";

export interface ChaosRequest {
  readonly flags: Flags;
  readonly scenario: string | undefined;
  /** A study as a file. */
  readonly file: string | undefined;
  /** `1..1000` or one seed. */
  readonly seeds: string | undefined;
  readonly models: string | undefined;
  readonly maxFailures: string | undefined;
  readonly minutes: string | undefined;
  readonly surface: boolean;
  /** The folder of a study that was interrupted. */
  readonly resume: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noProgress: boolean;
  readonly metricsPort?: string | undefined;
}

/** A file and nothing else. */
export const chaosRequestOf = (file: string): ChaosRequest => ({
  ...{ flags: new Map(), file, scenario: undefined, seeds: undefined, models: undefined, maxFailures: undefined, minutes: undefined },
  ...{ surface: false, resume: undefined, json: false, quiet: false, noProgress: false },
});

/** What is to be done, settled. */
export interface Settled {
  readonly study: Study;
  readonly maxFailures: number;
  readonly minutes: number | null;
  /** Of the first run: what all runs have in common is told from it. */
  readonly first: Configuration;
  readonly repro: string;
}

/** More is no study any more: what happened would be forgotten before it ends. */
const seedLimit = 100_000_000;
const usualSeeds = "1..1000";
const surfaceSeeds = "1..100";
const usualMaxFailures = 100;

const reading = <T>(blame: Told["blame"], flag: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw error instanceof WrongValue ? blame(flag, error.message) : error;
  }
};

const seed = count(0, Number.MAX_SAFE_INTEGER);

const seedsOf = (blame: Told["blame"], text: string): Pick<Study, "firstSeed" | "seeds"> =>
  reading(blame, "--seeds", () => {
    const [from = "", to = from, ...more] = text.split("..");
    if (more.length > 0) throw new WrongValue(`"${text}" is not FIRST..LAST (like 1..1000)`);
    const [firstSeed, last] = [seed.read(from), seed.read(to)];
    if (last < firstSeed) throw new WrongValue(`"${text}" ends before it begins`);
    if (last - firstSeed >= seedLimit) throw new WrongValue(`"${text}" are more than ${seedLimit} seeds`);
    return { firstSeed, seeds: last - firstSeed + 1 };
  });

const minutesOf = (blame: Told["blame"], text: string): number =>
  reading(blame, "--minutes", () => {
    const minutes = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || !(minutes > 0)) throw new WrongValue(`"${text}" is not a number of minutes above 0`);
    return minutes;
  });

/** Each flag of the verb itself that was given, as text. */
const ownFlags = ({ seeds, models, maxFailures, minutes, surface }: ChaosRequest): readonly string[] => [
  ...(models === undefined ? [] : [`--models ${models.replaceAll(/\s/g, "")}`]),
  `--seeds ${seeds}`,
  ...(maxFailures === undefined ? [] : [`--max-failures ${maxFailures}`]),
  ...(minutes === undefined ? [] : [`--minutes ${minutes}`]),
  ...(surface ? ["--surface"] : []),
];

export const settle = (asked: ChaosRequest): Settled => {
  const { request: told, study: file, blame: blameOwn } = withFile(asked);
  const request = { ...told, seeds: told.seeds ?? (told.surface ? surfaceSeeds : usualSeeds) };
  const collected =
    file === undefined ? collectAll(request.flags, process.env, request.scenario) : collect(request.flags, process.env, file);
  const { given, blame } = collected;
  if (given.seed !== undefined) throw blame("seed", "a study has many: name them with --seeds FIRST..LAST");
  const live = given.engine === "live";
  if (live && (request.surface || given.mutant !== undefined)) throw blame("engine", "surfaces and mutants are for virtual time");
  if (given.journal !== undefined) throw blame("journal", "a study keeps none: run the line of a failure again to get one");
  const models =
    request.models !== undefined || given.mutant === undefined ? modelsNamed(request.models) : [mutantNamed(given.mutant).model];
  const compared = request.surface && request.models === undefined ? [defaultModel] : models;
  checkGiven(collected, request.models === undefined && given.mutant === undefined ? allModels : compared);
  if (request.surface && compared.length > 1) throw blameOwn("--models", "a surface is of one model");
  const common = { ...given, engine: given.engine ?? ("virtual" as const) };
  const study: Study = {
    given: withMutantsFaults(common),
    models: compared,
    surface: request.surface,
    ...seedsOf(blameOwn, request.seeds),
  };
  const first = configure({ ...collected, given: { ...common, seed: study.firstSeed } }, compared[0]);
  // Whatever is wrong with the settings of a model is said before any of it runs.
  for (let index = 0; index < Math.min(compared.length, study.seeds); index++) new Cases(study).settingsAt(index);
  return {
    study,
    maxFailures:
      request.maxFailures === undefined
        ? usualMaxFailures
        : reading(blameOwn, "--max-failures", () => count(1, seedLimit).read(request.maxFailures ?? "")),
    minutes: request.minutes === undefined ? null : minutesOf(blameOwn, request.minutes),
    first: { ...first, given: common },
    repro: reproLine({ ...first, given }, ownFlags(request), "chaos").replace(` --seed ${study.firstSeed}`, ""),
  };
};
