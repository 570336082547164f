// The progress of a run as a few lines of text: a row of CPUs by state, what its letters mean, and what is waited for.
import { type CpuState, type CpuStates, cpuStates } from "./cpuStates.ts";

/** Letter and colour of each state: the letter alone must do where there is no colour. */
const looks: Readonly<Record<CpuState, readonly [letter: string, colour: number]>> = {
  dead: ["x", 90],
  off: ["-", 90],
  running: [".", 37],
  gathering: ["g", 33],
  switching: ["t", 33],
  held: ["h", 36],
  stopped: ["s", 34],
  "irqs off": ["I", 35],
  switched: ["T", 32],
  resumed: ["R", 32],
};

/** A row of more CPUs than this is drawn in cells of several. */
const mostCells = 64;

const painted = (text: string, colour: number, colours: boolean): string => (colours ? `\u001b[${colour}m${text}\u001b[0m` : text);

const timeText = (ns: number): string =>
  ns >= 1e9 ? `${(ns / 1e9).toFixed(2)} s` : ns >= 1e6 ? `${(ns / 1e6).toFixed(2)} ms` : `${(ns / 1e3).toFixed(1)} us`;

export interface ProgressOptions {
  readonly cpus: number;
  readonly columns: number;
  readonly colours: boolean;
}

export const progressLines = (states: CpuStates, elapsedMs: number, { cpus, columns, colours }: ProgressOptions): readonly string[] => {
  const cells = states.cells(Math.max(1, Math.min(mostCells, columns - 4)));
  const row = cells.map((state) => painted(looks[state][0], looks[state][1], colours)).join("");
  const present = cpuStates.filter((state) => cells.includes(state)).map((state) => `${looks[state][0]} ${state}`);
  const round = states.underWay();
  const asked = round === null ? "coming up" : `epoch ${round.epoch}  ${round.phase}  acks ${round.acks}/${round.of}`;
  const each = cpus > cells.length ? `  (${Math.ceil(cpus / cells.length)} CPUs a letter)` : "";
  const line = `  ${asked}   at ${timeText(states.atNs)}   elapsed ${(elapsedMs / 1000).toFixed(1)} s`;
  return [`  ${row}`, ...[`  ${present.join("  ")}${each}`, line].map((plain) => plain.slice(0, Math.max(1, columns - 1)))];
};
