// Which runs a comparison makes: each model, on each seed, on the same machine.

import { whyNotAtLimit } from "../../../shared/consistency/atLimit.ts";
import { cellOf } from "../../../shared/consistency/cell.ts";
import type { Model } from "../../../shared/consistency/model.ts";
import { defaultModel, findModel, models } from "../../../shared/consistency/registry.ts";
import type { Patch } from "../../../shared/kernel/patch.ts";
import { BadInput, didYouMean } from "../../../shared/machine/badInput.ts";
import type { Collected } from "../settings/collect.ts";
import { type Configuration, configure } from "../settings/configuration.ts";
import { withLimits, wouldForce } from "../settings/model.ts";
import { readFlag, reading } from "../settings/reading.ts";
import { settings } from "../settings/table.ts";
import { count } from "../settings/values.ts";

/** One run of a comparison. */
export interface Planned {
  /** Names it within the comparison: `simple-7`. */
  readonly name: string;
  readonly configuration: Configuration;
}

const repeatLimit = 10_000;

export const repeatOf = (text: string | undefined): number => reading("--repeat", text, count(1, repeatLimit)) ?? 1;

/** `kernel+task`: a cell of the grid, as `run` makes it of the default model. */
const cellNamed = (name: string): Model | undefined => {
  const [leave, as, ...more] = name.split("+");
  if (leave === undefined || as === undefined || more.length > 0) return undefined;
  return cellOf(defaultModel, readFlag("--models", leave, settings.leave), readFlag("--models", as, settings.switch));
};

const modelNamed = (name: string): Model => {
  const found = findModel(name) ?? cellNamed(name);
  if (found !== undefined) return found;
  const known = models.map((model) => model.name);
  throw new BadInput("", "--models", `unknown model "${name}"${didYouMean(name, known)}; known: ${known.join(", ")}, or LEAVE+SWITCH`);
};

/** All of them, or those of a list like `simple,hybrid`, in its order. */
export const modelsNamed = (list: string | undefined): readonly Model[] => {
  if (list === undefined) return models;
  const named = list.split(",").map((name) => modelNamed(name.trim()));
  const twice = named.find((model, i) => named.indexOf(model) < i);
  if (twice !== undefined) throw new BadInput("", "--models", `"${twice.name}" is named twice`);
  return named;
};

/** What is set below a policy that not every model has reaches those that have it: `model.check.walk=parallel`. */
const hasPolicy = (model: Model, set: string): boolean => {
  const policy = /^\s*model\.(gather|check|gradual)\./.exec(set)?.[1] as "gather" | "check" | "gradual" | undefined;
  return policy === undefined || model[policy] !== null;
};

/** Settings that name one model have no meaning here, and one that no model can follow is a mistake. */
export const checkGiven = ({ given, blame }: Collected, compared: readonly Model[]): void => {
  for (const name of ["model", "leave", "switch"] as const)
    if (given[name] !== undefined) throw blame(name, "a comparison is of several models: name them with --models");
  const onLimit = given["on-limit"];
  if (onLimit !== undefined && compared.every((model) => whyNotAtLimit(model, onLimit) !== undefined))
    throw blame("on-limit", `none of these models can ${onLimit}`);
};

/** Whom a limit that was given does not reach, in words. */
export const unlimited = ({ given }: Collected, compared: readonly Model[]): readonly string[] =>
  given.limit === undefined
    ? []
    : compared
        .filter((model) => wouldForce(model, given))
        .map(({ name }) => `${name} keeps no limit: at one it could only force its tasks (--on-limit force)`);

/** What is set of the policies that this model has, or that none of those compared has: then it is a mistake that somebody must hear of. */
export const setsFor = (set: readonly string[], model: Model, compared: readonly Model[]): readonly string[] =>
  set.filter((text) => hasPolicy(model, text) || !compared.some((other) => hasPolicy(other, text)));

/** The same machine for each model, on one seed. */
export const configurationsOf = (collected: Collected, compared: readonly Model[]): readonly Configuration[] => {
  checkGiven(collected, compared);
  const { given } = collected;
  let seed = given.seed;
  return compared.map((model) => {
    const own = {
      ...given,
      ...(seed !== undefined && { seed }),
      ...(given.set !== undefined && { set: setsFor(given.set, model, compared) }),
      journal: given.journal ?? "off",
    };
    const configuration = configure({ ...collected, given: own }, withLimits(model, given));
    seed = configuration.setup.seed;
    // What repeats the comparison is what was given to all of it.
    return { ...configuration, given };
  });
};

const onSeed = (configuration: Configuration, seed: number): Configuration => ({
  ...configuration,
  setup: { ...configuration.setup, seed },
  plan: { ...configuration.plan, seed },
});

/** The seeds that follow must be seeds too. */
export const checkSeeds = ({ setup }: Configuration, repeat: number, { blame }: Collected): void => {
  if (setup.seed > Number.MAX_SAFE_INTEGER - (repeat - 1)) throw blame("seed", `${repeat} seeds from ${setup.seed} on are too large`);
};

/** The runs of one model, seed after seed. */
export const repeated = (configuration: Configuration, repeat: number, prefix = ""): readonly Planned[] =>
  Array.from({ length: repeat }, (_, i) => {
    const seed = configuration.setup.seed + i;
    // A name of a cell may not stand in a subject or a path as it is.
    return { name: `${prefix}${configuration.setup.model.name.replace("+", "-")}-${seed}`, configuration: onSeed(configuration, seed) };
  });

export const withPatch = (configuration: Configuration, patch: Patch): Configuration => ({
  ...configuration,
  setup: { ...configuration.setup, patch },
});
