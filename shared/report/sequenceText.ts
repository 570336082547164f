// A sequence diagram in plain text: a lane for each actor, an arrow for each message from top to bottom, a cross where one gets lost.
import type { Step } from "../chaos/picture.ts";
import { type Actor, actorName, isCoordinator } from "../machine/machine.ts";

type Message = Extract<Step, { kind: "message" }>;

const laneWidth = 20;
const timeWidth = 12;

/** Lanes of more actors fit no page. */
const mostLanes = 10;

/** The first ones and the last. */
const firstRows = 60;
const lastRows = 60;

/** What is said over and over is drawn once: so many rows at most, so many times at least. */
const longestRefrain = 8;
const leastRepeats = 3;

const timeText = (ns: number): string =>
  ns >= 1e9 ? `${(ns / 1e9).toFixed(3)} s` : ns >= 1e6 ? `${(ns / 1e6).toFixed(3)} ms` : `${(ns / 1e3).toFixed(1)} us`;

/** Coordinators by their lives, then CPUs. */
const lanesOf = (steps: readonly Step[]): readonly Actor[] => {
  const actors = new Set<Actor>();
  for (const step of steps) {
    if (step.kind === "note") actors.add(step.actor);
    else if (step.kind === "message") for (const actor of [step.from, step.to]) actors.add(actor);
  }
  return [...actors].toSorted((a, b) => (isCoordinator(a) && isCoordinator(b) ? b - a : a - b));
};

const centre = (lane: number): number => lane * laneWidth + laneWidth / 2;

const blank = (lanes: number): string[] => {
  const line = new Array<string>(lanes * laneWidth).fill(" ");
  for (let lane = 0; lane < lanes; lane++) line[centre(lane)] = "|";
  return line;
};

const put = (line: string[], at: number, text: string): void => {
  for (const [i, character] of [...text].entries()) line[at + i] = character;
};

const isLost = ({ fate }: Message): boolean => fate.kind === "lost" || fate.kind === "corrupted";

/** What the arrow does not show. */
const aside = ({ fate, arrivesAt }: Message): string => {
  switch (fate.kind) {
    case "lost":
      return "lost";
    case "corrupted":
      return "damaged, and so lost";
    case "delayed":
      return `arrives late, at ${timeText(arrivesAt + fate.ns)}`;
    case "copied":
      return `arrives twice, again at ${timeText(arrivesAt + fate.ns)}`;
    case "pass":
      return "";
  }
};

/** From lane to lane; one that gets lost ends in a cross on the way. */
const arrow = (message: Message, lanes: readonly Actor[]): string => {
  const line = blank(lanes.length);
  const [from, to] = [centre(lanes.indexOf(message.from)), centre(lanes.indexOf(message.to))];
  const right = to > from;
  const lost = isLost(message);
  const reach = lost ? Math.round((to - from) * 0.75) : to - from;
  const [first, last] = right ? [from + 1, from + reach - 1] : [from + reach + 1, from - 1];
  for (let at = first; at <= last; at++) line[at] = "-";
  const text = ` ${message.label} `.slice(0, Math.max(0, last - first - 1));
  put(line, Math.floor((first + last - text.length) / 2) + 1, text);
  line[right ? last : first] = lost ? "x" : right ? ">" : "<";
  return line.join("");
};

const note = (actor: Actor, text: string, lanes: readonly Actor[]): string => {
  const line = blank(lanes.length);
  const at = centre(lanes.indexOf(actor));
  put(line, at, `* ${text}`);
  return line.map((character) => character ?? " ").join("");
};

const rowOf = (step: Step, lanes: readonly Actor[]): string => {
  const time = timeText(step.at).padStart(timeWidth);
  switch (step.kind) {
    case "breach":
      return `${time} ✗ ${step.text}`;
    case "note":
      return `${time} ${note(step.actor, step.text, lanes)}`;
    case "message": {
      const more = aside(step);
      return `${time} ${arrow(step, lanes)}${more === "" ? "" : ` ${more}`}`;
    }
  }
};

const sentence = (step: Step): string => {
  const time = timeText(step.at).padStart(timeWidth);
  if (step.kind === "breach") return `${time} ✗ ${step.text}`;
  if (step.kind === "note") return `${time} ${actorName(step.actor)} ${step.text}`;
  const more = aside(step);
  return `${time} ${actorName(step.from)} ${isLost(step) ? "--x" : "-->"} ${actorName(step.to)}: ${step.label}${more === "" ? "" : `, ${more}`}`;
};

const headOf = (lanes: readonly Actor[]): string =>
  `${"".padStart(timeWidth)} ${lanes
    .map((actor) => {
      const name = actorName(actor);
      return name.padStart(Math.floor((laneWidth + name.length) / 2) + 1).padEnd(laneWidth);
    })
    .join("")}`;

/** A row without its time: what is drawn. */
const lookOf = (row: string): string => row.slice(timeWidth);

/** How often the `length` rows from `at` on are followed by themselves. */
const repeatsAt = (looks: readonly string[], at: number, length: number): number => {
  let repeats = 0;
  for (let i = at + length; i < looks.length && looks[i] === looks[i - length]; i++) if ((i - at + 1) % length === 0) repeats++;
  return repeats;
};

/** Rows with each refrain told once. */
const withoutRefrains = (rows: readonly string[]): readonly string[] => {
  const looks = rows.map(lookOf);
  const told: string[] = [];
  for (let at = 0; at < rows.length; ) {
    const lengths = Array.from({ length: longestRefrain }, (_, i) => i + 1);
    const length = lengths.find((one) => repeatsAt(looks, at, one) >= leastRepeats);
    told.push(...rows.slice(at, at + (length ?? 1)));
    at += length ?? 1;
    if (length === undefined) continue;
    const repeats = repeatsAt(looks, at - length, length);
    at += repeats * length;
    const until = (rows[at - 1] ?? "").slice(0, timeWidth).trim();
    told.push(`${"".padStart(timeWidth)} ... the same ${repeats} times more, until ${until}`);
  }
  return told;
};

export const sequenceText = (steps: readonly Step[]): string => {
  const lanes = lanesOf(steps);
  const row = lanes.length > mostLanes ? sentence : (step: Step): string => rowOf(step, lanes);
  const all = withoutRefrains(steps.map(row));
  const left = all.length - firstRows - lastRows;
  const rows = left <= 0 ? all : [...all.slice(0, firstRows), `${"".padStart(timeWidth)} ... ${left} rows more`, ...all.slice(-lastRows)];
  const head = lanes.length > mostLanes ? [] : [headOf(lanes)];
  return `${[...head, ...rows].map((line) => line.trimEnd()).join("\n")}\n`;
};
