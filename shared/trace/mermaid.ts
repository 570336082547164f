// A sequence diagram for Mermaid, which many pages render: what many CPUs say or hear alike is one arrow, what gets lost has a cross.
//
// Few CPUs have a lane each. Of more, the first few to which something of their own happens have one, and one lane stands for all others.
import { labelOf, noteOf } from "../chaos/picture.ts";
import { format, fromCpus } from "../machine/cpuSet.ts";
import { type Actor, actorName, isCoordinator } from "../machine/machine.ts";
import type { Message } from "../protocol/messages.ts";
import { type Canvas, type Draught, type Format, traceLimits } from "./format.ts";
import type { Moment } from "./moment.ts";
import { byTime, Sorted } from "./sorted.ts";

/** Of more CPUs not each has a lane, but the first few of note. */
const mostCpus = 4;
const mostNoted = 6;

const crowd = "cpus";

/** One row of the picture. `crowd`: those of the lane of many that it is about. */
interface Row {
  readonly key: string;
  readonly crowd: Actor[];
  readonly print: (crowd: readonly Actor[]) => string;
}

/** `#` and `;` mean something to Mermaid. */
const plain = (text: string): string => text.replaceAll(/[#;]/g, (character) => `#${character.charCodeAt(0)};`);

const cpusText = (actors: readonly Actor[]): string => `cpu ${format(fromCpus(actors))}`;

const milliseconds = (ns: number): string => `${(ns / 1e6).toFixed(3)} ms`;

class Diagram {
  private readonly rows: Row[] = [];
  /** Rows of one kind, since a coordinator last said something, are one. */
  private foldable = new Map<string, Row>();
  private readonly laneOf: (actor: Actor) => string;

  constructor(laneOf: (actor: Actor) => string) {
    this.laneOf = laneOf;
  }

  add(moment: Moment): void {
    const { actor, at } = moment;
    switch (moment.is) {
      case "sent":
        if (isCoordinator(actor)) this.foldable = new Map();
        return;
      case "arrived": {
        const { from, msg, copy, sent } = moment;
        return this.message(from, actor, msg, `${sent?.again ? " again" : ""}${copy ? " (copy)" : ""}`, ">>");
      }
      case "missed":
        for (const receiver of moment.by) this.message(actor, receiver, moment.sent.msg, ` (${moment.why})`, "x");
        return;
      case "fault":
        return this.note(actor, `** ${moment.text} (${milliseconds(at)})`);
      case "fact": {
        const text = noteOf(moment.fact);
        if (text !== undefined) this.note(actor, isCoordinator(actor) ? `${text} (${milliseconds(at)})` : text);
        return;
      }
      default:
    }
  }

  lines(): readonly string[] {
    return this.rows.map(({ crowd: actors, print }) => `  ${print(actors)}\n`);
  }

  private message(from: Actor, to: Actor, msg: Message, aside: string, head: ">>" | "x"): void {
    const label = `${labelOf(msg)}${aside}`;
    const [fromLane, toLane] = [this.laneOf(from), this.laneOf(to)];
    // What CPUs say is dashed.
    const arrow = `${fromLane}${isCoordinator(from) ? "-" : "--"}${head}${toLane}`;
    const many = toLane === crowd ? [to] : fromLane === crowd ? [from] : [];
    this.fold({
      key: `${arrow} ${label}`,
      crowd: many,
      print: (all) =>
        `${arrow}: ${plain(all.length === 0 ? label : `${all.length === 1 ? "" : `${all.length} x `}${label}, ${cpusText(all)}`)}`,
    });
  }

  private note(actor: Actor, text: string): void {
    const lane = this.laneOf(actor);
    this.fold({
      key: `note ${lane} ${text}`,
      crowd: lane === crowd ? [actor] : [],
      print: (all) => `Note over ${lane}: ${plain(all.length === 0 ? text : `${cpusText(all)} ${text}`)}`,
    });
  }

  private fold(row: Row): void {
    const before = this.foldable.get(row.key);
    if (before !== undefined && row.crowd.length > 0) before.crowd.push(...row.crowd);
    else {
      this.rows.push(row);
      this.foldable.set(row.key, row);
    }
  }
}

/** Something befalls these that does not befall all. */
const notedIn = (moments: readonly Moment[]): ReadonlySet<Actor> => {
  const noted = new Set<Actor>();
  const note = (actor: Actor): void => {
    if (!isCoordinator(actor) && noted.size < mostNoted) noted.add(actor);
  };
  for (const moment of moments) {
    if (moment.is === "missed") for (const actor of [moment.actor, ...moment.by]) note(actor);
    else if (moment.is === "fault") note(moment.actor);
  }
  return noted;
};

const lanesOf = (actors: ReadonlySet<Actor>, moments: readonly Moment[]): readonly string[] => {
  const coordinators = [...actors].filter(isCoordinator).toSorted((a, b) => b - a);
  const cpus = [...actors].filter((actor) => !isCoordinator(actor)).toSorted((a, b) => a - b);
  if (cpus.length <= mostCpus) return [...coordinators, ...cpus].map(actorName);
  const noted = notedIn(moments);
  return [...[...coordinators, ...cpus.filter((cpu) => noted.has(cpu))].map(actorName), crowd];
};

/** The first lines and the last, as many as Mermaid takes. */
const fitting = (lines: readonly string[]): readonly string[] => {
  const half = traceLimits.mermaidCharacters / 2;
  const taken = (from: readonly string[]): number => {
    let characters = 0;
    const over = from.findIndex((line) => {
      characters += line.length;
      return characters > half;
    });
    return over < 0 ? from.length : over;
  };
  const first = taken(lines);
  const last = Math.min(lines.length - first, taken(lines.toReversed()));
  const between = lines.length - first - last;
  return between === 0 ? lines : [...lines.slice(0, first), `  Note over coordinator0: ${between} rows more\n`, ...lines.slice(-last)];
};

const write = (moments: readonly Moment[], canvas: Canvas): void => {
  const actors = new Set(moments.map(({ actor }) => actor));
  const lanes = new Set(["coordinator0", ...lanesOf(actors, moments)]);
  const diagram = new Diagram((actor) => (lanes.has(actorName(actor)) ? actorName(actor) : crowd));
  for (const moment of moments) diagram.add(moment);
  canvas.write("sequenceDiagram\n");
  for (const lane of lanes) canvas.write(`  participant ${lane}\n`);
  for (const line of fitting(diagram.lines())) canvas.write(line);
};

const draw = (canvas: Canvas): Draught => {
  const moments = new Sorted();
  return { take: moments.take, finish: () => write(moments.by(byTime), canvas), leftOut: moments.leftOut };
};

export const mermaid: Format = {
  needsMessages: true,
  isBinary: false,
  draw,
};
