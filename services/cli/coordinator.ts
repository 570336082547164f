// `quiesce coordinator`: a run whose hosts join it over NATS, from wherever they are.
import { leaseLimits } from "../../shared/live/membership/lease.ts";
import { BadInput } from "../../shared/machine/badInput.ts";
import type { Operation } from "../../shared/protocol/messages.ts";
import { limits } from "../../shared/protocol/setup.ts";
import { healthFile } from "./cluster/health.ts";
import { runNamed, urlNamed } from "./cluster/named.ts";
import { type RunRequest, run } from "./run.ts";
import type { Configuration } from "./settings/configuration.ts";
import { reading } from "./settings/reading.ts";
import { count, duration, WrongValue } from "./settings/values.ts";

/** Flags beside those of a run. */
export interface CoordinatorTexts {
  readonly run: string | undefined;
  readonly patches: string | undefined;
  readonly patchEvery: string | undefined;
  readonly lease: string | undefined;
  readonly replicas: string | undefined;
  readonly joinLimit: string | undefined;
  readonly health: string | undefined;
}

const usualJoinNs = 300e9;

const lease = {
  ...duration,
  read: (text: string): number => {
    const ns = duration.read(text);
    if (ns >= leaseLimits.leastNs && ns <= leaseLimits.mostNs) return ns;
    throw new WrongValue(`"${text}" is not between ${duration.print(leaseLimits.leastNs)} and ${duration.print(leaseLimits.mostNs)}`);
  },
};

/** Patch, unpatch, patch … at their times; the run's time limit begins after the last one. */
const paced = (configuration: Configuration, patches: number | undefined, everyNs: number | undefined): Configuration => {
  if (patches === undefined && everyNs === undefined) return configuration;
  const { setup, given, timeLimitNs } = configuration;
  if (patches !== undefined && given.then !== undefined)
    throw new BadInput("", "--patches", "patches and unpatches in turn: leave out --then");
  const operations =
    patches === undefined ? setup.operations : Array.from({ length: patches }, (_, i): Operation => (i % 2 === 0 ? "patch" : "unpatch"));
  return {
    ...configuration,
    setup: { ...setup, operations, ...(everyNs !== undefined && { pace: { firstNs: everyNs, everyNs } }) },
    timeLimitNs: given["time-limit"] ?? timeLimitNs + operations.length * (everyNs ?? 0),
  };
};

const spreadOf = (texts: CoordinatorTexts): NonNullable<RunRequest["spread"]> => {
  const name = runNamed("coordinator", texts.run);
  const patches = reading("--patches", texts.patches, count(1, limits.operations));
  const everyNs = reading("--patch-every", texts.patchEvery, duration);
  const flags = Object.entries({ run: texts.run, patches: texts.patches, "patch-every": texts.patchEvery, lease: texts.lease }).flatMap(
    ([flag, text]) => (text === undefined ? [] : [`--${flag} ${text}`]),
  );
  return {
    verb: "coordinator",
    flags,
    options: {
      name,
      copies: reading("--replicas", texts.replicas, count(1, 5)),
      leaseNs: reading("--lease", texts.lease, lease),
      joinLimitNs: reading("--join-limit", texts.joinLimit, duration) ?? usualJoinNs,
      onAlive: healthFile(texts.health),
    },
    shape: (configuration) => {
      if (configuration.engine !== "live") throw new BadInput("", "--engine", "hosts join live runs only");
      urlNamed("coordinator", configuration.natsUrl ?? undefined);
      return paced(configuration, patches, everyNs);
    },
  };
};

/** Gives the exit code, which is that of a run. */
export const coordinator = (request: Omit<RunRequest, "spread" | "checkDeterminism">, texts: CoordinatorTexts): Promise<number> =>
  run({ ...request, checkDeterminism: false, spread: spreadOf(texts) });
