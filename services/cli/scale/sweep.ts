// What a sweep is to be, from flags, environment and file: its axes, its cells, how often each is run; checked before anything is written.
import { createHash } from "node:crypto";
import { totalmem } from "node:os";
import type { Model } from "../../../shared/consistency/model.ts";
import type { Engine } from "../../../shared/journal/entry.ts";
import { BadInput } from "../../../shared/machine/badInput.ts";
import { type Axis, cellCount, combinations, keyOf, mostCells, type Point } from "../../../shared/scale/cells.ts";
import { type Cost, costOf } from "../../../shared/scale/cost.ts";
import { isPlain, textLimits } from "../../../shared/scale/plain.ts";
import { leastForIntervals, type Policy } from "../../../shared/scale/policy.ts";
import { codeDigest } from "../../recorder/manifest.ts";
import { ofModel } from "../chaos/cases.ts";
import { checkGiven, modelsNamed, unlimited } from "../compare/plan.ts";
import { headerOf } from "../engines/virtual.ts";
import { type Collected, collect, type Flags } from "../settings/collect.ts";
import { type Configuration, configure } from "../settings/configuration.ts";
import { quoted, withoutSecret } from "../settings/repro.ts";
import type { Scenario } from "../settings/scenario.ts";
import { type Given, settingNames } from "../settings/table.ts";
import { count, size, WrongValue } from "../settings/values.ts";
import { type Alternative, alternativesOf, type Swept } from "./axes.ts";
import { type OwnName, type OwnText, ownNames, readSweep } from "./file.ts";

export interface ScaleRequest {
  readonly flags: Flags;
  /** The sweep's file. */
  readonly file: string | undefined;
  /** The texts of the sweep's own flags. */
  readonly own: Readonly<Partial<Record<OwnName, string | undefined>>>;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noProgress: boolean;
}

/** What nothing but a file says. */
export const fromFile = (file: string): ScaleRequest => ({
  flags: new Map(),
  file,
  own: {},
  dryRun: true,
  json: false,
  quiet: false,
  noProgress: true,
});

/** One machine of a sweep, to be run on several seeds. */
export interface Cell {
  readonly key: string;
  readonly point: Point;
  readonly collected: Collected;
  readonly cpus: number;
  readonly cost: Cost;
  /** Of everything that determines its runs, seeds aside. */
  readonly digest: string;
}

export interface Sweep {
  readonly engine: Engine;
  readonly axes: readonly Axis[];
  readonly cells: readonly Cell[];
  readonly policy: Policy;
  readonly firstSeed: number;
  /** For the runs that are under way together. */
  readonly memoryBytes: number;
  /** The server that workers take their work from; null: threads of this process, or the live engine. */
  readonly workers: string | null;
  readonly code: string;
  /** The same for the same settings. */
  readonly id: string;
  /** Of the first cell and seed. */
  readonly first: Configuration;
  readonly repro: string;
  /** What somebody who reads the results should know before. */
  readonly notices: readonly string[];
}

const usualRepeat = 5;
const usualMaxRepeat = 40;
const repeatLimit = 10_000;

/** More is not counted on even where there is more: a sweep is to leave room for others. */
const usualMemoryBytes = Math.min(7 * 2 ** 30, totalmem() / 2);

type Owns = ReadonlyMap<OwnName, OwnText>;

/** Flags go before the file. */
const ownOf = (request: ScaleRequest, inFile: Owns): Owns => {
  const own = new Map(inFile);
  for (const name of ownNames) {
    const text = request.own[name];
    if (text !== undefined) own.set(name, { text, file: "", place: `--${name}` });
  }
  return own;
};

const reading = <T>(own: Owns, name: OwnName, read: (text: string) => T): T | undefined => {
  const given = own.get(name);
  if (given === undefined) return undefined;
  try {
    return read(given.text);
  } catch (error) {
    if (error instanceof WrongValue) throw new BadInput(given.file, given.place, error.message);
    // Whoever reads names of models knows only of the flag.
    throw error instanceof BadInput && given.file !== "" ? new BadInput(given.file, given.place, error.message) : error;
  }
};

const shareOf = (text: string): number => {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent === undefined || Number(percent) <= 0 || Number(percent) > 100)
    throw new WrongValue(`"${text}" is not a share (like 5%: half the interval's width over the median)`);
  return Number(percent) / 100;
};

const policyOf = (own: Owns): Policy => {
  const untilCi = reading(own, "until-ci", shareOf) ?? null;
  const fewest = untilCi === null ? 1 : leastForIntervals;
  const least = reading(own, "repeat", (text) => count(fewest, repeatLimit).read(text)) ?? usualRepeat;
  const most = reading(own, "max-repeat", (text) => count(least, repeatLimit).read(text));
  if (untilCi === null && most !== undefined) {
    const { file = "", place = "" } = own.get("max-repeat") ?? {};
    throw new BadInput(file, place, "without until-ci every cell is run as often as repeat says");
  }
  return { least, most: untilCi === null ? least : (most ?? Math.max(least, usualMaxRepeat)), untilCi };
};

/** What decides each setting: a flag before the environment, which gives one value, and that before the file. */
const sweptOf = ({ flags }: ScaleRequest, inFile: readonly Swept[], environment: NodeJS.ProcessEnv): readonly Swept[] =>
  settingNames.flatMap((name) => {
    const texts = flags.get(name) ?? [];
    const place = { file: "", place: `--${name}` };
    if (texts.length > 0) return [{ name, from: "flag" as const, ...place, alternatives: alternativesOf(name, texts, place) }];
    const variable = environment[`QUIESCE_${name.toUpperCase().replaceAll("-", "_")}`] ?? "";
    return variable === "" ? inFile.filter((swept) => swept.name === name) : [];
  });

/** The settings of one cell from the places that they came from. */
const collectedOf = (swept: readonly Swept[], chosen: readonly Alternative[]): Collected => {
  const flags = new Map<Swept["name"], readonly string[]>();
  const settings = new Map<Swept["name"], { texts: readonly string[]; place: string }>();
  const nothing: Given = Object.fromEntries(swept.flatMap(({ name }, i) => (chosen[i]?.texts.length === 0 ? [[name, []]] : [])));
  for (const [i, { name, from, place }] of swept.entries()) {
    const { texts } = chosen[i] as Alternative;
    if (from === "flag") flags.set(name, texts);
    else settings.set(name, { texts, place });
  }
  const file = swept.find(({ from }) => from === "file")?.file ?? "";
  const scenario: Scenario | undefined = settings.size === 0 ? undefined : { file, settings };
  const collected = collect(flags, process.env, scenario);
  return { ...collected, given: { ...collected.given, ...nothing } };
};

/** What every cell has: virtual time unless it is told otherwise, no journal; the server of workers is not its own. */
const settled = (collected: Collected, model: Model | undefined, models: readonly Model[]): Collected => {
  const given: Given = { ...collected.given, engine: collected.given.engine ?? "virtual", journal: "off" };
  const { nats, out: _, ...rest } = model === undefined ? given : ofModel({ given, models }, model);
  return { ...collected, given: given.engine === "live" && nats !== undefined ? { ...rest, nats } : rest };
};

/** One run of a cell. */
export const configurationAt = ({ collected }: Pick<Cell, "collected">, seed: number): Configuration =>
  configure({ ...collected, given: { ...collected.given, seed } });

const digestOf = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);

const cellOf = (point: Point, collected: Collected, firstSeed: number): Cell => {
  const configuration = configurationAt({ collected }, firstSeed);
  const { engine, setup, hosts } = configuration;
  const key = keyOf(point);
  // It would be refused where it is read back, from the sweep's folder and from a queue.
  if (!isPlain(key, textLimits.cell)) throw new BadInput("", "", "a cell's settings have control characters, or are too long to name it");
  return {
    key,
    point,
    collected,
    cpus: setup.cpus,
    cost: costOf(engine, setup.cpus, setup.topology.shape),
    digest: digestOf({ ...headerOf(configuration), hosts, code: null }),
  };
};

/** The line that goes on with it, and that begins it again in another place. */
const reproOf = (swept: readonly Swept[], own: Owns): string => {
  const flags = swept.map(({ name, alternatives }) => {
    const shown = alternatives.map((alternative) => alternative.shown);
    const text = shown.join(shown.some((one) => /[\s;]/.test(one)) || name === "fault" || name === "set" ? " | " : ",");
    return `--${name} ${quoted(name === "nats" ? withoutSecret(text) : text)}`;
  });
  const owns = [...own].map(([name, { text }]) => `--${name} ${quoted(text.replaceAll(/\s/g, ""))}`);
  return ["./quiesce scale", ...flags, ...owns].join(" ");
};

/** Settings with several values, and always the two that everybody asks for. */
const axesOf = (swept: readonly Swept[], models: readonly Model[] | undefined, { setup }: Configuration): readonly Axis[] => {
  const several = swept.filter(({ name, alternatives }) => alternatives.length > 1 && name !== "cpus");
  const cpus = swept.find(({ name }) => name === "cpus")?.alternatives.map(({ shown }) => shown) ?? [`${setup.cpus}`];
  return [
    { name: "cpus", values: cpus },
    { name: "model", values: models?.map(({ name }) => name) ?? [setup.model.name] },
    ...several.map(({ name, alternatives }) => ({ name, values: alternatives.map(({ shown }) => shown) })),
  ];
};

export const settle = (request: ScaleRequest): Sweep => {
  const { swept: inFile, own: ownInFile } = request.file === undefined ? { swept: [], own: new Map() } : readSweep(request.file);
  const own = ownOf(request, ownInFile);
  const swept = sweptOf(request, inFile, process.env);
  const models = reading(own, "models", modelsNamed);
  const policy = policyOf(own);
  const chosen = combinations<Alternative>(swept.map(({ alternatives }) => alternatives));
  const firstChosen = collectedOf(swept, chosen[0] ?? []);
  const firstSeed = firstChosen.given.seed ?? 1;
  if (firstSeed > Number.MAX_SAFE_INTEGER - policy.most) throw firstChosen.blame("seed", `${policy.most} seeds from it on are too large`);
  if (models !== undefined) checkGiven(firstChosen, models);
  const first = configurationAt({ collected: settled(firstChosen, models?.[0], models ?? []) }, firstSeed);
  const axes = axesOf(swept, models, first);
  if (cellCount(axes) > mostCells) throw new BadInput("", "", `${cellCount(axes)} cells, more than ${mostCells}`);
  const names = axes.map(({ name }) => name);
  const cells = chosen.flatMap((alternatives) => {
    const collected = collectedOf(swept, alternatives);
    const shown = new Map<string, string>(swept.map(({ name }, i) => [name, (alternatives[i] as Alternative).shown]));
    return (models ?? [undefined]).map((model) => {
      const values = new Map([["cpus", `${first.setup.cpus}`], ...shown, ["model", model?.name ?? first.setup.model.name]]);
      const point = Object.fromEntries(names.map((name) => [name, values.get(name) as string]));
      return cellOf(point, settled(collected, model, models ?? []), firstSeed);
    });
  });
  return {
    engine: first.engine,
    axes,
    cells: cells.toSorted((a, b) => a.cost.seconds - b.cost.seconds),
    policy,
    firstSeed,
    memoryBytes: reading(own, "memory", size.read) ?? usualMemoryBytes,
    workers: first.engine === "virtual" ? (firstChosen.given.nats ?? null) : null,
    code: codeDigest(),
    id: digestOf([cells.map(({ key, collected }) => [key, collected.given]), policy, firstSeed]).slice(0, 8),
    first: { ...first, out: firstChosen.given.out ?? first.out },
    repro: reproOf(swept, own),
    notices: unlimited(firstChosen, models ?? []),
  };
};
