// A load study settled: the machine of each model, the rates, how operations are paced, what has to hold.
import { defaultModel } from "../../../shared/consistency/registry.ts";
import { waitCallOf } from "../../../shared/kernel/program.ts";
import type { ArrivalPlan, Load } from "../../../shared/kernel/requests/plan.ts";
import { parseArrivals, parseTimes } from "../../../shared/load/grammar.ts";
import { ratesOf, type Sweep, takeSweep } from "../../../shared/load/rate.ts";
import { parseThreshold, type Threshold } from "../../../shared/load/threshold.ts";
import { BadInput } from "../../../shared/machine/badInput.ts";
import { attempt } from "../../../shared/nemesis/reader.ts";
import type { Operation } from "../../../shared/protocol/messages.ts";
import { limits } from "../../../shared/protocol/setup.ts";
import { configurationsOf, modelsNamed } from "../compare/plan.ts";
import { collect, type Flags } from "../settings/collect.ts";
import type { Configuration } from "../settings/configuration.ts";
import { readText } from "../settings/scenario.ts";
import { count, duration } from "../settings/values.ts";
import { type OwnFlags, readStudy, Texts } from "./texts.ts";

export interface LoadRequest {
  readonly flags: Flags;
  readonly own: OwnFlags;
  readonly file: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noProgress: boolean;
  readonly metricsPort?: string | undefined;
}

export interface Study {
  /** One for each model, on one seed. */
  readonly configurations: readonly [Configuration, ...Configuration[]];
  readonly sweep: Sweep;
  readonly arrivalsAt: (perSecond: number) => ArrivalPlan;
  readonly patches: number;
  readonly everyNs: number;
  readonly warmUpNs: number;
  readonly coolNs: number;
  readonly thresholds: readonly Threshold[];
  readonly breakOverNs: number | null;
  /** How closely the highest rate that holds is to be known; null if it is not asked for. */
  readonly precision: number | null;
  readonly texts: Texts;
}

/** One model at one rate. */
export interface Cell {
  readonly name: string;
  readonly perSecond: number;
  readonly configuration: Configuration;
  readonly load: Load;
}

const secondNs = 1e9;

/** CPUs are up by then, however many they are. */
const bootNsOf = ({ engine, setup }: Configuration): number => (engine === "live" ? 2 * secondNs + setup.cpus * 10_000_000 : 20_000_000);

const usualRate = "20k/s";
const usualArrivals = "poisson";
const usualPrecision = 0.05;

const sweepOf = (texts: Texts): Sweep => {
  const read = attempt(texts.one("rate") ?? usualRate, takeSweep);
  if ("message" in read) throw texts.blame("rate", read.message);
  return read;
};

const arrivalsOf = (texts: Texts): ((perSecond: number) => ArrivalPlan) => {
  const text = texts.one("arrivals") ?? usualArrivals;
  const read = parseArrivals(text, 1);
  if ("message" in read) throw texts.blame("arrivals", `${read.message} (in "${text}")`);
  if (read.kind !== "recorded") return (perSecond) => ({ ...read, perSecond });
  if (texts.one("rate") !== undefined) throw texts.blame("rate", "recorded arrivals have the rate that they have: leave it out");
  const times = parseTimes(readText(read.file, 1 << 26));
  if ("message" in times) throw new BadInput(read.file, `line ${times.line}`, times.message);
  return () => ({ ...read, timesNs: times });
};

const thresholdsOf = (texts: Texts): readonly Threshold[] =>
  texts.all("threshold").map((text) => {
    const read = parseThreshold(text);
    if (typeof read === "string") throw texts.blame("threshold", read);
    return read;
  });

const precisionOf = (texts: Texts, thresholds: readonly Threshold[]): number | null => {
  const text = texts.one("precision");
  const percent = /^(\d{1,2}(?:\.\d{1,3})?)%$/.exec(text ?? "")?.[1];
  if (text !== undefined && !(Number(percent) > 0)) throw texts.blame("precision", `"${text}" is not a share above 0% (like 5%)`);
  if (!texts.all("find-limit").includes("true")) return null;
  if (thresholds.length === 0) throw texts.blame("find-limit", "a limit of what? Say with --threshold what has to hold");
  return percent === undefined ? usualPrecision : Number(percent) / 100;
};

export const settle = ({ flags, own, file }: LoadRequest): Study => {
  const scenario = file === undefined ? undefined : readStudy(file);
  const texts = new Texts(own, scenario);
  const collected = collect(flags, process.env, scenario);
  const [first, ...others] = configurationsOf(
    { ...collected, given: { engine: "virtual", ...collected.given } },
    modelsNamed(texts.one("models") ?? defaultModel.name),
  );
  if (first === undefined) throw new Error("a study of no models");
  const { workload } = first.setup;
  if (waitCallOf(workload.calls) < 0)
    throw collected.blame("workload", `"${workload.name}" never waits for a request: no call like epoll_wait or accept4 that sleeps`);
  const thresholds = thresholdsOf(texts);
  const everyNs = texts.read("patch-every", duration) ?? 2 * secondNs;
  const arrivalsAt = arrivalsOf(texts);
  const sweep = sweepOf(texts);
  const recorded = arrivalsAt(1);
  const rate = recorded.kind === "recorded" ? (recorded.timesNs.length * secondNs) / Math.max(1, recorded.timesNs.at(-1) as number) : 0;
  return {
    configurations: [first, ...others],
    sweep: recorded.kind === "recorded" ? { low: rate, high: rate, steps: 1 } : sweep,
    arrivalsAt,
    patches: texts.read("patches", count(1, limits.operations)) ?? 5,
    everyNs,
    warmUpNs: texts.read("warm-up", duration) ?? everyNs,
    coolNs: texts.read("cool-down", duration) ?? everyNs,
    thresholds,
    breakOverNs: texts.read("break-over", duration) ?? null,
    precision: precisionOf(texts, thresholds),
    texts,
  };
};

export const ratesIn = ({ sweep }: Study): readonly number[] => ratesOf(sweep);

/** As long as the machine is to have for what it does, without what it may need beyond. */
export const plannedNs = ({ configurations: [first], warmUpNs, everyNs, coolNs, patches }: Study): number =>
  bootNsOf(first) + warmUpNs + patches * everyNs + coolNs;

/** A model has this long after the last planned operation to carry out what it is late with, unless a limit is given. */
const patienceNs = 600 * secondNs;

export const cellOf = (study: Study, configuration: Configuration, perSecond: number): Cell => {
  const { patches, everyNs, coolNs } = study;
  const operations = Array.from({ length: patches }, (_, i): Operation => (i % 2 === 0 ? "patch" : "unpatch"));
  const load: Load = { arrivals: study.arrivalsAt(perSecond), fromNs: bootNsOf(configuration), coolNs };
  const { setup, given, eventLimit } = configuration;
  return {
    name: `${setup.model.name.replace("+", "-")}-${Math.round(perSecond)}`,
    perSecond,
    load,
    configuration: {
      ...configuration,
      setup: { ...setup, operations, load, pace: { firstNs: load.fromNs + study.warmUpNs, everyNs } },
      timeLimitNs: given["time-limit"] ?? plannedNs(study) + patienceNs,
      eventLimit: Math.min(2e10, eventLimit * patches),
    },
  };
};
