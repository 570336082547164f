// `npm run resources`: which resource of a machine each model's time follows, measured in virtual time and written into docs/scaling.md.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { estimate } from "../../shared/stats/estimate.ts";
import { type Elasticity, elasticityOf } from "../../shared/stats/laws/elasticity.ts";
import { fitLaws } from "../../shared/stats/laws/fitLaws.ts";
import type { Point } from "../../shared/stats/laws/points.ts";
import { modelOf, tryMachine } from "../calibration/machine.ts";
import { type Sweep, sweeps, type Timed, timed } from "./sweeps.ts";

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

/** Below this a time hardly moves while its resource is doubled several times. */
const hardly = 0.05;
/** Proportional at the end, and on the way there for the greater part. */
const proportional = { least: 0.8, most: 1.2, overall: 0.5 };

const verdict = ({ overall, atEnd }: Elasticity): string => {
  if (Math.abs(overall.value) < hardly && Math.abs(atEnd) < hardly) return "no";
  if (atEnd < proportional.least || overall.value < proportional.overall) return "in part";
  return atEnd > proportional.most ? "**more than in proportion**" : "**in proportion**";
};

const twoDigits = (value: number): string => (Math.abs(value) < 0.005 ? "0.00" : value.toFixed(2));

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
  const { overall, atEnd } = elasticity;
  const interval = overall.low === null || overall.high === null ? "" : ` [${twoDigits(overall.low)}, ${twoDigits(overall.high)}]`;
  const note = missing === 0 ? "" : `; ends at ${points.length} of ${sweep.values.length} values`;
  const law = fitLaws(points, name, { of: sweep.unit, unit: "µs" }).sentence;
  return { short: `${verdict(elasticity)}: ${twoDigits(overall.value)}${interval}, at the end ${twoDigits(atEnd)}${note}`, law };
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
