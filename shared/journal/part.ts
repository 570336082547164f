// What one process of a live run writes, and reads back for it: a line for each step, of one actor or of all its CPUs that took the same.
//
// A process writes every turn before the turn's outputs leave, so what it writes is as short as it can be: CPUs that were told the same
// and did the same are one line, with what the first of them did. Here it is unfolded into the entries of each. A line is whole or it is
// not there, and so is a step; a file that is cut in a line has lost a step that had no effect yet.
import { type CpuSet, isCpuSet, lowest, size } from "../machine/cpuSet.ts";
import { actorName, coordinatorActor } from "../machine/machine.ts";
import { isSame, isSameOutput, outputOf } from "../protocol/cpu/likeness.ts";
import type { AnyInput, AnyOutput, FaultApplied, TurnTaken } from "../protocol/observer.ts";
import { limits } from "../protocol/setup.ts";
import { noteLine } from "./encode.ts";
import { type Entry, type EntryKind, type JournalMode, journalLimits } from "./entry.ts";
import { isCount, isObject, LineReader, type Unread } from "./lines.ts";
import { bodyProblem } from "./shape.ts";

/** One step of one coordinator (`cpus` is empty), or the same of one or several CPUs: `actor` is the lowest, and it made these outputs. */
export interface StepTaken extends TurnTaken {
  readonly cpus: CpuSet;
}

/**
 * How many bytes a process said that its part has, by the name of the part; null where it could not say, and the last of it may be lost. Of
 * others nothing is known, and nothing is missing.
 */
export type PartLengths = Readonly<Record<string, number | null>>;

// ---- writing ------------------------------------------------------------------------------------------------------------------

/** What is known of CPUs that took the same step, as long as more may come. */
interface Fold extends Omit<StepTaken, "cpus"> {
  readonly cpus: number[];
}

export class PartEncoder {
  private full: boolean;
  private readonly fullEntries: number;
  private text = "";
  private open: Fold | null = null;
  private lines = 0;
  private entries = 0;

  constructor(mode: Exclude<JournalMode, "off">, fullEntries: number = journalLimits.fullEntries) {
    this.full = mode === "full";
    this.fullEntries = fullEntries;
  }

  step(step: StepTaken): void {
    const { open } = this;
    if (open !== null && isSameStep(open, step)) append(open.cpus, step.cpus);
    else {
      this.close();
      this.open = { ...step, cpus: [...step.cpus] };
    }
  }

  fault({ at, clock, actor, text, effect }: FaultApplied): void {
    this.close();
    this.line(`"at":${at},"clock":${clock},"who":${actor},"fault":${JSON.stringify({ text, effect })}`);
  }

  /** The lines since the last time. */
  take(): string {
    this.close();
    const { text } = this;
    this.text = "";
    return text;
  }

  private close(): void {
    const { open } = this;
    if (open === null) return;
    this.open = null;
    const { actor, clock, cpus, input, outputs } = open;
    this.entries += (outputs.length + 1) * Math.max(1, size(cpus));
    if (this.full && this.entries > this.fullEntries) {
      this.full = false;
      this.text += noteLine({ note: "facts-only", entries: this.entries });
    }
    const place = `"at":${input.at},"clock":${clock},"who":${cpus.length === 0 ? actor : `[${cpus}]`}`;
    if (this.full) return this.line(`${place},"input":${JSON.stringify(input)},"outputs":${JSON.stringify(outputs)}`);
    const facts = outputs.filter(({ kind }) => kind === "announce");
    // The numbers of a life's entries begin with it, whether or not that is an entry.
    if (facts.length > 0 || input.kind === "start")
      this.line(`${place},"begins":${input.kind === "start"},"facts":${JSON.stringify(facts)}`);
  }

  private line(rest: string): void {
    this.text += `{"n":${this.lines++},${rest}}\n`;
  }
}

const isSameStep = (open: Fold, { actor, cpus, clock, input, outputs }: StepTaken): boolean =>
  cpus.length > 0 &&
  open.clock === clock &&
  (open.cpus.at(-1) ?? Infinity) < actor &&
  open.outputs.length === outputs.length &&
  isSame(open.input, input) &&
  outputs.every((output, i) => isSameOutput(open.outputs[i] as AnyOutput, open.actor, output, actor));

/** Adds CPUs that come after those of the set. */
const append = (set: number[], cpus: CpuSet): void => {
  const joins = cpus[0] === (set.at(-1) as number) + 1;
  if (joins) set[set.length - 1] = cpus[1] as number;
  for (let i = joins ? 2 : 0; i < cpus.length; i++) set.push(cpus[i] as number);
};

// ---- reading ------------------------------------------------------------------------------------------------------------------

type Visit = (entry: Entry) => void;

export class PartReader {
  /** It goes on with facts only. */
  full = true;
  private readonly reader: LineReader;
  private readonly visit: Visit;
  private readonly next = new Map<string, number>();

  constructor(file: string, visit: Visit) {
    this.reader = new LineReader(file, (value, number) => this.take(value, number));
    this.visit = visit;
  }

  /** The next bytes of the file, cut anywhere. A last line that is not whole is left out. */
  push(bytes: Uint8Array): void {
    this.reader.push(bytes);
  }

  private take(value: Unread, number: number): string | undefined {
    if ("note" in value) {
      this.full = false;
      return undefined;
    }
    const problem = lineProblem(value);
    if (problem !== undefined) return problem;
    const lines = number - 1 - Number(!this.full);
    if (value.n !== lines) return `it is number ${value.n} of its process, and should be ${lines}`;
    this.unfold(value);
    return undefined;
  }

  /** The checks before are what makes these casts true. */
  private unfold(value: Unread): void {
    const { at, clock, who } = value as { readonly at: number; readonly clock: number; readonly who: CpuSet | number };
    if ("fault" in value) return this.emit(at, clock, who as number, [["fault", value.fault]], false);
    const input = value.input as AnyInput | undefined;
    const outputs = (value.outputs ?? value.facts) as readonly AnyOutput[];
    const begins = input === undefined ? value.begins === true : input.kind === "start";
    const head: readonly Body[] = input === undefined ? [] : [["input", withoutAt(input)]];
    if (typeof who === "number") return this.emit(at, clock, who, [...head, ...outputs.map(bodyOf)], begins);
    const first = lowest(who);
    for (let i = 0; i < who.length; i += 2) {
      for (let cpu = who[i] as number; cpu <= (who[i + 1] as number); cpu++) {
        const made = cpu === first ? outputs : outputs.map((output) => outputOf(output, first, cpu));
        this.emit(at, clock, cpu, [...head, ...made.map(bodyOf)], begins);
      }
    }
  }

  private emit(at: number, clock: number, actor: number, bodies: readonly Body[], begins: boolean): void {
    const series = bodies[0]?.[0] === "fault" ? `fault ${actor}` : actorName(actor);
    let seq = begins ? 0 : (this.next.get(series) ?? 0);
    // The table in `shape.ts` has been asked whether the body is one of its kind.
    for (const [kind, body] of bodies) this.visit({ seq: seq++, at, clock, actor, kind, body } as Entry);
    this.next.set(series, seq);
  }
}

type Body = readonly [kind: EntryKind, body: unknown];

const bodyOf = (output: AnyOutput): Body => (output.kind === "announce" ? ["fact", output.fact] : ["output", output]);

/** The time is the entry's. */
const withoutAt = ({ kind, at: _, ...rest }: AnyInput): object => ({ kind, ...rest });

const isActor = (who: unknown): boolean =>
  Number.isSafeInteger(who) && (who as number) < limits.cpus && (who as number) >= coordinatorActor(1e9);

const isWho = (who: unknown): boolean => isActor(who) || (Array.isArray(who) && who.length > 0 && isCpuSet(who, limits.cpus));

const lineProblem = (value: Unread): string | undefined => {
  for (const key of ["n", "at", "clock"] as const) if (!isCount(value[key])) return `${key} is not a whole number from 0`;
  if (!isWho(value.who)) return "who is neither an actor nor a set of CPUs";
  if ("fault" in value) return isActor(value.who) ? bodyProblem("fault", value.fault) : "a fault that struck no actor";
  const outputs = value.outputs ?? value.facts;
  if (!Array.isArray(outputs)) return "what came of the step is not a list";
  const input = "outputs" in value ? bodyProblem("input", value.input) : undefined;
  return input ?? outputs.map(outputProblem).find((problem) => problem !== undefined);
};

const outputProblem = (output: unknown): string | undefined => {
  if (!isObject(output)) return "an output is not an object";
  return output.kind === "announce" ? bodyProblem("fact", output.fact) : bodyProblem("output", output);
};
