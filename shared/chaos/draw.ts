// What a seed of a chaos run draws besides its faults: the model in turn, what is to be done, and how long anything may take.
import type { Model } from "../consistency/model.ts";
import { below, type Random, stream, uniform } from "../machine/random.ts";
import type { Operation } from "../protocol/messages.ts";

/** Settings of one run, each undefined where it is left as it is. */
export interface Drawn {
  readonly then?: readonly Operation[];
  readonly limit?: number;
  readonly attempts?: number;
  readonly "time-limit"?: number;
}

const millisecondNs = 1_000_000;

const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T;

/** Of the operations after the patch: most runs only patch, for a second operation hides what the first one left behind. */
const sequels: ReadonlyArray<readonly Operation[] | undefined> = [undefined, undefined, ["unpatch"], ["unpatch", "patch"]];

/** Short ones are reached in the middle of everything, long ones never. */
const limitsNs: ReadonlyArray<number | undefined> = [undefined, undefined, undefined, 1, 5, 50].map((ms) => ms && ms * millisecondNs);

/** When faults are switched off: in the midst of a round, of an operation, of the retries, or when all is over. */
const timeLimitsNs: readonly number[] = [5, 50, 500, 2_000, 10_000].map((ms) => ms * millisecondNs);

/** Live, a machine under attrition has some patches to live through; faults are switched off long after that. */
export const drawLiveSettings = (seed: number): Drawn => {
  const random = stream(seed, "chaos live settings");
  const then = Array.from({ length: 4 + below(random, 9) }, (_, index): Operation => (index % 2 === 0 ? "unpatch" : "patch"));
  return { then, "time-limit": 60_000 * millisecondNs };
};

/** Seeds that follow one another take the models in turn. */
export const modelOfSeed = <T>(seed: number, models: readonly T[]): T => models[seed % models.length] as T;

/** Draws from a stream of its own, so that it changes no other part of the run. */
export const drawSettings = (seed: number, model: Model): Drawn => {
  const random = stream(seed, "chaos settings");
  const then = pick(random, sequels);
  const limit = pick(random, limitsNs);
  const attempts = uniform(random) < 0.3 ? 1 + below(random, 3) : undefined;
  const timeLimit = pick(random, timeLimitsNs);
  return {
    ...(then !== undefined && { then }),
    // Nobody is forced who was not told to be: it breaks the model's promise.
    ...(limit !== undefined && model.onLimit !== "force" && { limit }),
    ...(attempts !== undefined && { attempts }),
    "time-limit": timeLimit,
  };
};
