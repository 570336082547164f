// `npm run resources`: which resource of a machine each model's time follows, measured in virtual time and written into docs/scaling.md.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { estimate } from "../../shared/stats/estimate.ts";
import { elasticityOf } from "../../shared/stats/laws/elasticity.ts";
import { fitLaws } from "../../shared/stats/laws/fitLaws.ts";
import type { Parameter } from "../../shared/stats/laws/intervals.ts";
import type { Point } from "../../shared/stats/laws/points.ts";
import { modelOf, tryMachine } from "../calibration/machine.ts";
import { type Sweep, sweeps, type Timed, timed } from "./sweeps.ts";
import { verdict, verdictRule } from "./verdict.ts";

const seeds = 15;
const marks = { begin: "<!-- resources: made by npm run resources -->", end: "<!-- end of resources -->" };
const page = new URL("../../docs/scaling.md", import.meta.url);

/** A value of a resource at which most runs did not come to their end says nothing of a time. */
const pointAt = ({ machine }: Sweep, value: number, { model, time }: Timed, name: string): Point | null => {
  const times = Array.from({ length: seeds }, (_, i) => time(tryMachine({ ...machine(value), model: modelOf(model) }, i + 1)));
  const ended = times.filter((ns) => ns !== null);
  if (ended.length <= seeds / 2) return null;
  const { median, low, high, n } = estimate(ended, `${name} ${value}`);
  return { x: value, y: median / 1e3, low: low === null ? null : low / 1e3, high: high === null ? null : high / 1e3, n };
};

const twoDigits = (value: number): string => (Math.abs(value) < 0.005 ? "0.00" : value.toFixed(2));

const slopeText = ({ value, low, high }: Parameter): string =>
  `${twoDigits(value)}${low === null || high === null ? "" : ` [${twoDigits(low)}, ${twoDigits(high)}]`}`;

interface Cell {
  readonly short: string;
  readonly law: string;
}

const cellOf = (sweep: Sweep, what: Timed): Cell => {
  const name = `${what.model} ${what.what} ${sweep.resource}`;
  const points = sweep.values.flatMap((value) => pointAt(sweep, value, what, name) ?? []);
  process.stderr.write(".");
  const missing = sweep.values.length - points.length;
  const elasticity = elasticityOf(points, name);
  if (elasticity === null) return { short: "does not end", law: "" };
  const { chosen, sentence } = fitLaws(points, name, { of: sweep.unit, unit: "µs", isAmount: sweep.isAmount ?? false });
  const word = chosen === null && sweep.withoutLaw !== undefined ? sweep.withoutLaw : verdict(elasticity.atEnd);
  const note = missing === 0 ? "" : `; ends at ${points.length} of ${sweep.values.length} values`;
  return { short: `${word}: ${slopeText(elasticity.atEnd)}; over all ${slopeText(elasticity.overall)}${note}`, law: sentence };
};

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const table = (): string => {
  const made = timed.map((what) => ({ what, cells: sweeps.map((sweep) => cellOf(sweep, what)) }));
  process.stderr.write("\n");
  const head = ["time", ...sweeps.map(({ resource }) => resource)];
  const lines = made.map(({ what, cells }) => row([`${what.model}: ${what.what}`, ...cells.map(({ short }) => short)]));
  const laws = made.flatMap(({ what, cells }) =>
    cells.flatMap(({ law }, i) => (law === "" ? [] : [`- ${what.model}, ${what.what}, by ${sweeps[i]?.resource}: ${law}.`])),
  );
  return [
    verdictRule,
    "",
    row(head),
    row(head.map(() => "---")),
    ...lines,
    "",
    "What is varied, and how the rest of the machine is:",
    "",
    ...sweeps.map(({ resource, method }) => `- **${resource}**: ${method}.`),
    "",
    "The law of each curve (time in µs):",
    "",
    ...laws,
  ].join("\n");
};

const written = existsSync(page) ? readFileSync(page, "utf8") : "";
const from = written.indexOf(marks.begin);
const to = written.indexOf(marks.end);
const text = table();
if (from < 0 || to < from) console.log(text);
else writeFileSync(page, `${written.slice(0, from + marks.begin.length)}\n\n${text}\n\n${written.slice(to)}`);
