// `quiesce validate`: says whether a file is one that the program would take: of settings, a workload, profile, patch, module or cases.
import { isMap, isSeq } from "yaml";
import { functionsKnown } from "../../shared/kernel/callGraph.ts";
import { decodePatchFile } from "../../shared/kernel/decode/patch.ts";
import { decodeProfile } from "../../shared/kernel/decode/profile.ts";
import { decodeWorkload } from "../../shared/kernel/decode/workload.ts";
import { functionsOf, type Patch } from "../../shared/kernel/patch.ts";
import { decodeModule } from "../../shared/livepatch/decodeModule.ts";
import { BadInput, didYouMean } from "../../shared/machine/badInput.ts";
import { sizeOf } from "./chaos/cases.ts";
import { chaosRequestOf, settle as settleChaos } from "./chaos/settle.ts";
import { readCases } from "./conformance.ts";
import { ratesIn, settle as settleLoad } from "./load/study.ts";
import { fromFile, settle } from "./scale/sweep.ts";
import { collect } from "./settings/collect.ts";
import { configure } from "./settings/configuration.ts";
import { parseFile, parseScenario, plainValue, readText } from "./settings/scenario.ts";

/** A long recording's workload still has well under this. */
const largestBytes = 16 << 20;

const asJson = (source: string, file: string): string => JSON.stringify(plainValue(file, source));

/** A function that nothing runs through is no error, for the simulated kernel knows few of the real one's; but it may be a slip. */
const patchText = (patch: Patch): string => {
  const functions = functionsOf(patch);
  const known = functionsKnown();
  const idle = functions.filter((name) => !known.has(name));
  const note =
    idle.length === 0
      ? ""
      : ` (nothing that is simulated runs through ${idle.map((name) => `${name}${didYouMean(name, known)}`).join(", ")})`;
  return `patch ${patch.id} of ${functions.length} ${functions.length === 1 ? "function" : "functions"}${note}`;
};

/** By the schema that a file says it has. */
const kinds: Readonly<Record<string, (file: string, source: string) => string>> = {
  "quiesce.workload/1": (file, source) => `workload ${decodeWorkload(asJson(source, file), file).name}`,
  "quiesce.profile/1": (file, source) => `profile ${decodeProfile(asJson(source, file), file).name}`,
  "quiesce.patch/1": (file, source) => patchText(decodePatchFile(asJson(source, file), file)),
  "quiesce.module/1": (file, source) => `module ${decodeModule(asJson(source, file), file).name}`,
  "quiesce.scenario/1": (file, source) => {
    const scenario = parseScenario(file, source);
    // As a run would take it, but for what its flags or variables may still change.
    configure(collect(new Map(), {}, scenario));
    return `scenario of ${scenario.settings.size} settings`;
  },
  "quiesce.load-study/1": (file) => {
    const study = settleLoad({ flags: new Map(), own: {}, file, json: false, quiet: false, noProgress: false });
    return `load study of ${study.configurations.length * ratesIn(study).length} cells`;
  },
  "quiesce.chaos-study/1": (file) => {
    const { study } = settleChaos(chaosRequestOf(file));
    return `chaos study of ${sizeOf(study)} runs`;
  },
  "quiesce.sweep/1": (file) => `sweep of ${settle(fromFile(file)).cells.length} cells`,
};

const count = (items: readonly unknown[]): string => `${items.length} ${items.length === 1 ? "case" : "cases"}`;

/** A file of cases is a list and has no schema; it is read as it will be when they are run. */
const casesText = (file: string, source: string): string => {
  const cases = readCases(source, file);
  const unsupported = cases.filter((each) => each.unsupported !== null);
  return unsupported.length === 0 ? count(cases) : `${count(cases)}, of which ${unsupported.length} not supported`;
};

/** The sentence to print; anything wrong with the file is thrown as BadInput. */
export const validate = (file: string): string => {
  const source = readText(file, largestBytes);
  const { document, placeOf } = parseFile(file, source);
  const { contents } = document;
  if (isSeq(contents)) return `${file}: ${casesText(file, source)}: valid\n`;
  if (!isMap(contents))
    throw new BadInput(file, "", "is neither a scenario nor a workload, profile or patch, nor a module or a list of cases");
  const schema: unknown = contents.get("schema") ?? "quiesce.scenario/1";
  const check = typeof schema === "string" && Object.hasOwn(kinds, schema) ? kinds[schema] : undefined;
  if (check === undefined) {
    const names = Object.keys(kinds);
    throw new BadInput(
      file,
      placeOf(contents),
      `schema: unknown schema ${JSON.stringify(schema)}${didYouMean(String(schema), names)}; known: ${names.join(", ")}`,
    );
  }
  return `${file}: ${check(file, source)}: valid\n`;
};
