// What a person reads of an exploration.
import type { Exploration, PathStep } from "../../../shared/explore/explore.ts";
import type { Counts } from "../../../shared/explore/search/search.ts";

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
  exhausted: "every interleaving explored",
  violated: "a shortest path to what is wrong was found",
  states: "the limit of states was reached",
  memory: "the limit of memory was reached",
  time: "the limit of time was reached",
};

export interface Told {
  readonly about: string;
  readonly found: Exploration;
  readonly seconds: number;
  readonly megabytes: number;
  readonly folder: string;
  readonly again: string;
}

export const explorationText = ({ about, found, seconds, megabytes, folder, again }: Told): string => {
  const { states, transitions, depth, ended, verdict, properties, counterexample } = found;
  const width = Math.max(...properties.map(({ name }) => name.length));
  const rows = properties.map(
    ({ name, kind, says, outcome }) => `  ${outcome.padEnd(8)}  ${name.padEnd(width)}  ${kind.padEnd(9)}  ${says}\n`,
  );
  const path =
    counterexample === null
      ? ""
      : `\n${counterexample.property}: ${counterexample.reason}\nafter power-on:\n${stepsText(counterexample.steps)}again: ${again}\nstep through it: ./quiesce replay ${folder}\n`;
  return [
    `explored: ${about}\n`,
    `  ${many(states)} states, ${many(transitions)} transitions, depth ${depth}, ${seconds.toFixed(1)} s, ${many(megabytes)} MB\n`,
    ...rows,
    path,
    `${verdict}: ${endings[ended]}${ended === "exhausted" || ended === "violated" ? "" : ` at depth ${depth}`}\n`,
    `folder: ${folder}\n`,
  ].join("");
};
