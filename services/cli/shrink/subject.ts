// What is to be shrunk: the settings of a failing run, from the folder of a study or of a run, or from a scenario file.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BadInput } from "../../../shared/machine/badInput.ts";
import type { Chaos } from "../../../shared/report/chaosSummary.ts";
import { Cases, type Study } from "../chaos/cases.ts";
import { collectAll } from "../settings/collect.ts";
import { type Given, isRepeatable, type SettingName, settingNames, settings } from "../settings/table.ts";

interface Manifest {
  readonly verb: string;
  readonly seed: number;
  readonly settings: Readonly<Record<string, { readonly given: readonly string[] | null }>>;
  readonly configuration: { readonly study?: Study };
}

export const folderOf = (run: string): string => (existsSync(run) || run.includes("/") ? run : join("runs", run));

const readJson = <T>(path: string, name: string): T => {
  const file = join(path, name);
  if (!existsSync(file)) throw new BadInput(path, "", `has no ${name}: it is no run folder`);
  return JSON.parse(readFileSync(file, "utf8")) as T;
};

/** A run of the study by its seed; without one, the first failure that it found. */
const ofStudy = (path: string, study: Study, seed: number | undefined): Given => {
  const { failures } = readJson<Chaos>(path, "summary.json");
  const cases = new Cases(study);
  const failure = failures.find((one) => seed === undefined || one.seed === seed);
  if (failure !== undefined) return cases.settingsAt(failure.index);
  if (seed === undefined) throw new BadInput(path, "", "nothing failed in this study: there is nothing to shrink");
  const index = seed - study.firstSeed;
  if (index < 0 || index >= study.seeds)
    throw new BadInput(path, "--seed", `the study has the seeds ${study.firstSeed} to ${study.firstSeed + study.seeds - 1}`);
  return cases.settingsAt(index);
};

/** The settings of a run as its manifest has them, in the texts that were given. */
const ofRun = ({ settings: written, seed }: Manifest): Given => {
  const given: Partial<Record<SettingName, unknown>> = {};
  for (const name of settingNames) {
    const texts = written[name]?.given ?? null;
    if (texts === null) continue;
    const values = texts.map((text) => settings[name].read(text));
    given[name] = isRepeatable(name) ? values : values[0];
  }
  // Each value was read by its own setting.
  return { ...(given as Given), seed };
};

export const subjectOf = (run: string | undefined, scenario: string | undefined, seed: number | undefined): Given => {
  if ((run === undefined) === (scenario === undefined))
    throw new BadInput("", "shrink", "needs a run folder or --scenario FILE, and not both");
  if (run === undefined) {
    const { given } = collectAll(new Map(), process.env, scenario);
    return seed === undefined ? given : { ...given, seed };
  }
  const path = folderOf(run);
  const manifest = readJson<Manifest>(path, "manifest.json");
  const { study } = manifest.configuration;
  // What comes of it goes where the run is, wherever its manifest, which may be somebody else's, says that things were to go.
  return { ...(study === undefined ? ofRun(manifest) : ofStudy(path, study, seed)), out: dirname(path) };
};
