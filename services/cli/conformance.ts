// `quiesce conformance`: kernel selftest cases on a simulated kernel, and whether its log is what they expect.
import type { Case } from "../../shared/livepatch/conformance/case.ts";
import { caseLimits, decodeCases } from "../../shared/livepatch/conformance/decode.ts";
import { type CaseResult, runCase } from "../../shared/livepatch/conformance/run.ts";
import { modules } from "../../shared/livepatch/modules.ts";
import { BadInput, didYouMean } from "../../shared/machine/badInput.ts";
import { exitCodes } from "./exit.ts";
import { readText } from "./settings/scenario.ts";

export interface ConformanceOptions {
  readonly file: string;
  /** The one case to run; all of the file without it. */
  readonly only: string | undefined;
  readonly json: boolean;
}

/** How many lines are shown before the one that differs. */
const contextLines = 2;

const shownLine = (mark: string, line: string | null): string => `    ${mark} ${line ?? "(nothing more)"}\n`;

/** The first line that differs, with those just before it. */
const differenceText = ({ difference, expected }: CaseResult): string => {
  if (difference === null) return "";
  const first = Math.max(0, difference.line - 1 - contextLines);
  const before = expected.slice(first, difference.line - 1).map((line) => shownLine(" ", line));
  return [
    `    line ${difference.line}:\n`,
    ...before,
    shownLine("- expected:", difference.expected),
    shownLine("+ printed: ", difference.printed),
  ].join("");
};

const caseText = (result: CaseResult): string => {
  const reason = result.reason === null ? "" : `    ${result.reason}\n`;
  return `${result.verdict.padEnd(11)} ${result.id}  ${result.title}\n${reason}${differenceText(result)}`;
};

const documentOf = (file: string, results: readonly CaseResult[], passed: number) => ({
  schema: "quiesce.conformance/1",
  file,
  cases: results.map(({ id, title, verdict, difference, reason }) => ({
    id,
    title,
    verdict,
    ...(difference === null ? {} : { difference }),
    ...(reason === null ? {} : { reason }),
  })),
  passed,
  failed: results.length - passed,
});

/** The cases of a file, with what the shipped modules know. */
export const readCases = (source: string, file: string): readonly Case[] =>
  decodeCases(source, file, {
    modules: [...modules.keys()],
    systemCalls: [...modules.values()].flatMap(({ systemCalls }) => Object.keys(systemCalls ?? {})),
  });

/** Ends with 0 if every case is as expected, with 1 if one is not; a file that cannot be read as cases is thrown as BadInput. */
export const conformance = ({ file, only, json }: ConformanceOptions): number => {
  const cases = readCases(readText(file, caseLimits.bytes), file);
  const ids = cases.map(({ id }) => id);
  if (only !== undefined && !ids.includes(only)) throw new BadInput(file, "", `has no case "${only}"${didYouMean(only, ids)}`);
  const results = cases.filter(({ id }) => only === undefined || id === only).map((each) => runCase(each, modules));
  const passed = results.filter(({ verdict }) => verdict === "ok").length;
  if (json) process.stdout.write(`${JSON.stringify(documentOf(file, results, passed), null, 2)}\n`);
  else process.stdout.write(`${results.map(caseText).join("")}${passed} of ${results.length} cases as expected\n`);
  return passed === results.length ? exitCodes.holds : exitCodes.violated;
};
