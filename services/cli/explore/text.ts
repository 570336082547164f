// What a person reads of an exploration.
import type { Counterexample, Exploration, PathStep } from "../../../shared/explore/explore.ts";
import type { Counts } from "../../../shared/explore/search/search.ts";
import { paint } from "../../../shared/report/compareTable.ts";

const many = (count: number): string => count.toLocaleString("en-US");

export const progressText = ({ states, transitions, depth }: Counts, elapsedMs: number): string =>
  `  ${many(states)} states, ${many(transitions)} transitions, depth ${depth}, ${(elapsedMs / 1000).toFixed(0)} s`;

/** The steps, numbered from 1, each with what was announced by it. */
export const stepsText = (steps: readonly PathStep[]): string => {
  const width = String(steps.length).length;
  return steps
    .map(({ text, facts }, i) => `  ${String(i + 1).padStart(width)}. ${text}${facts.length === 0 ? "" : `  [${facts.join("; ")}]`}\n`)
    .join("");
};

const endings: Readonly<Record<Exploration["ended"], string>> = {
  exhausted: "every interleaving was explored",
  violated: "a shortest path to what is wrong was found",
  states: "the limit of states was reached",
  memory: "the limit of memory was reached",
  time: "the limit of time was reached",
};

export interface Told {
  /** The machine, its size, and what may go wrong. */
  readonly about: readonly string[];
  readonly found: Exploration;
  readonly seconds: number;
  readonly megabytes: number;
  readonly folder: string;
  readonly report: string;
  readonly again: string;
  readonly colours: boolean;
}

const colourOf = { valid: "green", violated: "red", unknown: "yellow" } as const;

const pathText = ({ property, reason, steps }: Counterexample): string =>
  `\n  BROKEN    ${property}: ${reason}\n            after power-on:\n${stepsText(steps)}`;

export const explorationText = ({ about, found, seconds, megabytes, folder, report, again, colours }: Told): string => {
  const { states, transitions, depth, ended, verdict, properties, counterexample } = found;
  const width = Math.max(...properties.map(({ name }) => name.length));
  const rows = properties.map(
    ({ name, kind, says, outcome }) => `  ${outcome.padEnd(8)}  ${name.padEnd(width)}  ${kind.padEnd(9)}  ${says}\n`,
  );
  return [
    `  ${paint({ text: "quiesce explore", colour: "bold" }, { colours })}   ${about.join("   ")}\n`,
    `  ${paint({ text: `VERDICT ${verdict}`, colour: colourOf[verdict] }, { colours })}\n`,
    `    because ${endings[ended]}${ended === "exhausted" || ended === "violated" ? "" : ` at depth ${depth}`}\n`,
    `  SEARCH    ${many(states)} states   ${many(transitions)} transitions   depth ${depth}   ${seconds.toFixed(1)} s   ${many(megabytes)} MB\n\n`,
    ...rows,
    counterexample === null ? "" : pathText(counterexample),
    `\n  folder    ${folder}\n`,
    counterexample === null ? "" : `  replay    ./quiesce replay ${folder}\n`,
    `  report    ${report}\n`,
    `  again     ${again}\n`,
  ].join("");
};
