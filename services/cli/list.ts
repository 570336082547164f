// `quiesce list`: what there is to choose from.
import * as Schema from "effect/Schema";
import { defaultModel, models } from "../../shared/consistency/registry.ts";
import { catalogue, defaultPatchId } from "../../shared/kernel/catalogue.ts";
import { functionsOf } from "../../shared/kernel/patch.ts";
import { profiles } from "../../shared/kernel/profiles.ts";
import { arrivalHelp } from "../../shared/load/grammar.ts";
import { thresholdHelp } from "../../shared/load/threshold.ts";
import { mutants } from "../../shared/mutants/registry.ts";
import { faultScopes, faultWords } from "../../shared/nemesis/grammar.ts";
import { monitors } from "../../shared/oracle/registry.ts";
import { Chaos } from "../../shared/report/chaosSummary.ts";
import { Catalogue, Compare } from "../../shared/report/compareSummary.ts";
import { Diff } from "../../shared/report/diff.ts";
import { Load } from "../../shared/report/loadSummary.ts";
import { Scale } from "../../shared/report/scaleSummary.ts";
import { Shrunk } from "../../shared/report/shrinkSummary.ts";
import { Summary } from "../../shared/report/summary.ts";
import { defaultFormat, formatTitles } from "../../shared/trace/format.ts";
import { defaultWorkloadName, readWorkload, studyPatches, workloadNames } from "../input/inputs.ts";
import { defaultProfileName } from "./settings/table.ts";

/** One thing to choose: its name and what to know of it. */
interface Row {
  readonly name: string;
  readonly about: string;
  readonly usual?: boolean;
}

const text = (rows: readonly Row[]): string => {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, about, usual }) => `${name.padEnd(width)}  ${about}${usual === true ? "  (default)" : ""}\n`).join("");
};

/** Published schemas by the names that documents bear: JSON Schema 2020-12, one document for each. */
const published: Readonly<Record<string, Schema.Top>> = {
  "quiesce.summary/1": Summary,
  "quiesce.compare/1": Compare,
  "quiesce.catalogue/1": Catalogue,
  "quiesce.chaos/1": Chaos,
  "quiesce.shrink/1": Shrunk,
  "quiesce.scale/1": Scale,
  "quiesce.load/1": Load,
  "quiesce.diff/1": Diff,
};

const documentOf = (of: Schema.Top) => {
  const { schema, definitions } = Schema.toJsonSchemaDocument(of);
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...schema, $defs: definitions };
};

const schemas = (): string => {
  const documents = Object.entries(published).map(([name, schema]) => [name, documentOf(schema)]);
  return `${JSON.stringify(Object.fromEntries(documents), null, 2)}\n`;
};

const lists = {
  models: () =>
    text(
      models.map(({ name, title, leave, switch: as }) => ({
        name,
        about: `leave ${leave}, switch ${as}: ${title}`,
        usual: name === defaultModel.name,
      })),
    ),
  faults: () => `${text(faultWords.map(({ word, help, example }) => ({ name: word, about: `${help}: ${example}` })))}\n${faultScopes}\n`,
  mutants: () => text(mutants.map(({ name, rule, instead }) => ({ name, about: `${rule}; here: ${instead}` }))),
  properties: () => text(monitors.map(({ name, guarantee }) => ({ name, about: guarantee }))),
  profiles: () => text(profiles.map(({ name, title }) => ({ name, about: title, usual: name === defaultProfileName }))),
  workloads: () => text(workloadNames().map((name) => ({ name, about: readWorkload(name).title, usual: name === defaultWorkloadName }))),
  patches: () =>
    text(
      [...catalogue, ...studyPatches()].map((patch) => ({
        name: patch.id,
        about: `${patch.kind.padEnd(8)} ${functionsOf(patch).join(" ")}  ${patch.title}`,
        usual: patch.id === defaultPatchId,
      })),
    ),
  formats: () => text(Object.entries(formatTitles).map(([name, about]) => ({ name, about, usual: name === defaultFormat }))),
  arrivals: () => text(arrivalHelp.map(({ example, help }) => ({ name: example, about: help }))),
  thresholds: () => text(thresholdHelp.map(({ example, help }) => ({ name: example, about: help }))),
  schemas,
} satisfies Readonly<Record<string, () => string>>;

export type ListName = keyof typeof lists;

export const listNames = Object.keys(lists) as readonly ListName[];

export const list = (name: ListName): string => lists[name]();
