// `quiesce diff`: two runs of any kind by the paths of their documents, with how far each value may be apart.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "../../shared/machine/badInput.ts";
import { type DiffOptions, diffOf, idleRules, type Tolerance, usuallyIgnored } from "../../shared/report/diff.ts";
import { diffMarkdown, diffText } from "../../shared/report/diffText.ts";
import { exitCodes } from "./exit.ts";
import { json } from "./manifestFile.ts";
import { readText } from "./settings/scenario.ts";
import { coloursOn, columnsOf } from "./terminal.ts";

export interface DiffRequest {
  readonly a: string;
  readonly b: string;
  /** `5%` for all paths, or `cells.*.achieved=0.01`. */
  readonly tolerances: readonly string[];
  readonly ignore: readonly string[];
  readonly markdown: boolean;
  readonly json: boolean;
}

/** A summary of a million CPUs and a thousand cells. */
const largestBytes = 1 << 28;

const documentAt = (place: string): { readonly name: string; readonly document: unknown } => {
  const isFolder = existsSync(place) && statSync(place).isDirectory();
  const file = isFolder ? join(place, "summary.json") : place;
  if (isFolder && !existsSync(file)) throw new BadInput(place, "", "is a folder without a summary.json: no run, or one that has not ended");
  try {
    return { name: place, document: JSON.parse(readText(file, largestBytes)) };
  } catch (error) {
    throw error instanceof SyntaxError ? new BadInput(file, "", `is not JSON (${error.message})`) : error;
  }
};

const schemaOf = (document: unknown): unknown => (document as { readonly schema?: unknown } | null)?.schema;

const toleranceOf = (text: string): Tolerance => {
  const percent = /^(\d{1,4}(?:\.\d{1,6})?)%$/.exec(text)?.[1];
  if (percent !== undefined) return { share: Number(percent) / 100 };
  if (/^\d{1,15}(?:\.\d{1,9})?$/.test(text)) return { amount: Number(text) };
  throw new BadInput("", "--tolerance", `"${text}" is neither a share (like 5%) nor an amount (like 0.01)`);
};

const optionsOf = ({ tolerances, ignore }: DiffRequest): { readonly options: DiffOptions; readonly own: DiffOptions["rules"] } => {
  const general = tolerances.filter((text) => !text.includes("="));
  if (general.length > 1) throw new BadInput("", "--tolerance", `${general.length} for all paths: give one, and others as PATH=TOLERANCE`);
  const own = [
    ...tolerances
      .filter((text) => text.includes("="))
      .map((text) => {
        const at = text.lastIndexOf("=");
        return { path: text.slice(0, at), tolerance: toleranceOf(text.slice(at + 1)) };
      }),
    ...ignore.map((path) => ({ path, tolerance: "ignore" as const })),
  ];
  const usual = usuallyIgnored.map((path) => ({ path, tolerance: "ignore" as const }));
  return { options: { tolerance: toleranceOf(general[0] ?? "0%"), rules: [...own, ...usual] }, own };
};

/** Gives the exit code: 0 if nothing is beyond its tolerance, else 99. */
export const diff = (request: DiffRequest): number => {
  const { options, own } = optionsOf(request);
  const [a, b] = [documentAt(request.a), documentAt(request.b)];
  if (schemaOf(a.document) !== schemaOf(b.document))
    throw new BadInput(
      "",
      "",
      `${a.name} is ${String(schemaOf(a.document))} and ${b.name} is ${String(schemaOf(b.document))}: nothing to compare`,
    );
  const [idle] = idleRules(own, [a.document, b.document]);
  if (idle !== undefined) throw new BadInput("", "", idle);
  const found = diffOf(a, b, options);
  if (request.json) process.stdout.write(json(found));
  else if (request.markdown) process.stdout.write(diffMarkdown(found));
  else {
    const columns = process.stdout.isTTY ? columnsOf(process.stdout) : Infinity;
    process.stdout.write(diffText(found, { columns, colours: coloursOn(process.stdout) }));
  }
  return found.beyond === 0 ? exitCodes.holds : exitCodes.threshold;
};
