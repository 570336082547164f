// `quiesce list`: what there is to choose from, as text or as chapters of docs/reference.md.
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
import { Explored } from "../../shared/report/exploreSummary.ts";
import { Load } from "../../shared/report/loadSummary.ts";
import { Scale } from "../../shared/report/scaleSummary.ts";
import { Shrunk } from "../../shared/report/shrinkSummary.ts";
import { Summary } from "../../shared/report/summary.ts";
import { defaultFormat, formatTitles } from "../../shared/trace/format.ts";
import { defaultWorkloadName, readWorkload, studyPatches, workloadNames } from "../input/inputs.ts";
import { type Listed, type ListName, listNames } from "./listNames.ts";
import { chapter, code, table } from "./markdown.ts";
import { variableOf } from "./settings/collect.ts";
import { defaultProfileName, type Setting, settingNames, settings } from "./settings/table.ts";

/** Things to choose from: each a name and what to know of it. */
interface List {
  readonly title: string;
  /** What the columns beside the name are. */
  readonly columns: readonly string[];
  readonly rows: () => readonly Row[];
  readonly note?: string;
  /** One row's cells in one line of text; else with two spaces between. */
  readonly line?: (...cells: readonly string[]) => string;
}

interface Row {
  readonly name: string;
  readonly cells: readonly string[];
  readonly usual?: boolean;
}

const row = (name: string, ...cells: readonly string[]): Row => ({ name, cells });

const lists = {
  models: {
    title: "Consistency models",
    columns: ["leave", "switch", "in short"],
    rows: () => models.map(({ name, title, leave, switch: as }) => ({ ...row(name, leave, as, title), usual: name === defaultModel.name })),
    line: (leave, as, title) => `leave ${leave}, switch ${as}: ${title}`,
  },
  faults: {
    title: "Faults",
    columns: ["what happens", "example"],
    rows: () => faultWords.map(({ word, help, example }) => row(word, help, example)),
    note: faultScopes,
    line: (help, example) => `${help}: ${example}`,
  },
  mutants: {
    title: "Mutants",
    columns: ["the rule", "here"],
    rows: () => mutants.map(({ name, rule, instead }) => row(name, rule, instead)),
    line: (rule, instead) => `${rule}; here: ${instead}`,
  },
  properties: {
    title: "Properties",
    columns: ["what is promised"],
    rows: () => monitors.map(({ name, guarantee }) => row(name, guarantee)),
  },
  profiles: {
    title: "Machine profiles",
    columns: ["the machine"],
    rows: () => profiles.map(({ name, title }) => ({ ...row(name, title), usual: name === defaultProfileName })),
  },
  workloads: {
    title: "Workloads",
    columns: ["what the tasks do"],
    rows: () => workloadNames().map((name) => ({ ...row(name, readWorkload(name).title), usual: name === defaultWorkloadName })),
  },
  patches: {
    title: "Patches",
    columns: ["kind", "functions", "about"],
    rows: () =>
      [...catalogue, ...studyPatches()].map((patch) => ({
        ...row(patch.id, patch.kind, functionsOf(patch).join(" "), patch.title),
        usual: patch.id === defaultPatchId,
      })),
    line: (kind = "", functions = "", title = "") => `${kind.padEnd(8)} ${functions}  ${title}`,
  },
  formats: {
    title: "Formats of traces",
    columns: ["for whom"],
    rows: () => Object.entries(formatTitles).map(([name, about]) => ({ ...row(name, about), usual: name === defaultFormat })),
  },
  arrivals: {
    title: "Arrival plans",
    columns: ["how requests arrive"],
    rows: () => arrivalHelp.map(({ example, help }) => row(example, help)),
  },
  thresholds: {
    title: "Thresholds",
    columns: ["what is measured"],
    rows: () => thresholdHelp.map(({ example, help }) => row(example, help)),
  },
  settings: {
    title: "Settings of a run",
    columns: ["value", "variable", "default", "meaning"],
    rows: () =>
      settingNames.map((name) => {
        const { metavar, usual, help }: Setting<unknown> = settings[name];
        return row(`--${name}`, metavar, variableOf(name), usual, help);
      }),
    note: "In a scenario file the key is the flag without its dashes.",
  },
} satisfies Readonly<Record<Exclude<ListName, "schemas">, List>>;

/** Published schemas by the names that documents bear: JSON Schema 2020-12, one document for each. */
const published: Readonly<Record<string, Schema.Top>> = {
  "quiesce.summary/1": Summary,
  "quiesce.compare/1": Compare,
  "quiesce.catalogue/1": Catalogue,
  "quiesce.chaos/1": Chaos,
  "quiesce.shrink/1": Shrunk,
  "quiesce.explore/1": Explored,
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

const text = ({ rows: rowsOf, note, line = (...cells) => cells.join("  ") }: List): string => {
  const rows = rowsOf();
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, cells, usual }) => `${name.padEnd(width)}  ${line(...cells)}${usual === true ? "  (default)" : ""}\n`);
  return `${lines.join("")}${note === undefined ? "" : `\n${note}\n`}`;
};

const markdown = ({ title, columns, rows, note }: List): string =>
  chapter(
    title,
    table(
      ["name", ...columns],
      rows().map(({ name, cells, usual }) => [`${code(name)}${usual === true ? " (default)" : ""}`, ...cells]),
    ),
    ...(note === undefined ? [] : [note.replaceAll("\n", "  \n")]),
  );

interface Fields {
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** A document with a name of its own is a reference to its definition. */
const fieldsOf = (of: Schema.Top): readonly string[] => {
  const { $ref = "", $defs, ...inline } = documentOf(of) as Fields & { $ref?: string; $defs: Readonly<Record<string, Fields>> };
  return Object.keys(($defs[$ref.replace("#/$defs/", "")] ?? inline).properties ?? {});
};

/** Which documents there are; what is in them is for `list schemas` to say. */
const schemaNames = (): string =>
  chapter(
    "Documents",
    "`quiesce list schemas` prints the JSON Schema of each.",
    table(
      ["schema", "fields"],
      Object.entries(published).map(([name, schema]) => {
        return [code(name), fieldsOf(schema).map(code).join(" ")];
      }),
    ),
  );

const textOf = (name: ListName): string => (name === "schemas" ? schemas() : text(lists[name]));
const markdownOf = (name: ListName): string => (name === "schemas" ? schemaNames() : markdown(lists[name]));

/** `commands` is how the reference begins. */
export const list = async (what: Listed, asMarkdown: boolean, commands: () => Promise<string>): Promise<string> => {
  if (what !== "all") return asMarkdown ? markdownOf(what) : textOf(what);
  return [
    "# Reference",
    "Written by `npm run reference`, which is `quiesce list all --markdown`.\n",
    await commands(),
    ...listNames.map(markdownOf),
  ].join("\n");
};
