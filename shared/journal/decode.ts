// Reads a journal back, strictly: every complaint names its line, and a journal that was cut off says so.
import { didYouMean } from "../machine/badInput.ts";
import { type Entry, type Header, journalSchema, type Note } from "./entry.ts";
import { isCount, isObject, LineReader, type Unread } from "./lines.ts";
import { actorOf, bodyProblem, entryKinds } from "./shape.ts";

/** What a line is. Entries carry the line that they stand on. */
export type Line =
  | { readonly is: "header"; readonly header: Header }
  | { readonly is: "entry"; readonly entry: Entry; readonly line: number; readonly text: string }
  | { readonly is: "note"; readonly note: Note };

/** How a journal ended: properly, or cut off in mid-line or after a whole line by the end of its writer. */
export interface Ending {
  readonly lines: number;
  readonly ended: boolean;
  /** The number of a last line that is only a part of one, or null. */
  readonly cutLine: number | null;
}

const placeKeys = ["seq", "at", "clock", "actor", "kind", "body"] as const;

const entryProblem = (value: Unread): string | undefined => {
  for (const key of placeKeys) if (!(key in value)) return `an entry without "${key}"`;
  for (const key in value) {
    if (!(placeKeys as readonly string[]).includes(key)) return `unknown key "${key}" in an entry${didYouMean(key, placeKeys)}`;
  }
  for (const key of ["seq", "at", "clock"] as const) if (!isCount(value[key])) return `${key} is not a whole number from 0`;
  if (actorOf(value.actor) === undefined) return `actor ${JSON.stringify(value.actor)} is neither cpuN nor coordinatorN`;
  const kind = entryKinds.find((known) => known === value.kind);
  if (kind === undefined) return `unknown kind ${JSON.stringify(value.kind)}${didYouMean(String(value.kind), entryKinds)}`;
  return bodyProblem(kind, value.body);
};

const headerKeys = [
  "schema",
  "code",
  "engine",
  "mode",
  "seed",
  "timeLimitNs",
  "eventLimit",
  "plan",
  "setup",
] as const satisfies readonly (keyof Header)[];

const headerProblem = (value: Unread): string | undefined => {
  if (value.schema !== journalSchema) return `not a journal: expected the schema "${journalSchema}", found ${JSON.stringify(value.schema)}`;
  for (const key of headerKeys) if (!(key in value)) return `a header without "${key}"`;
  const { plan, setup } = value;
  if (value.engine !== "virtual" && value.engine !== "live") return `unknown engine ${JSON.stringify(value.engine)}`;
  if (value.mode !== "full" && value.mode !== "facts") return `unknown mode ${JSON.stringify(value.mode)}`;
  for (const key of ["seed", "timeLimitNs", "eventLimit"] as const) if (!isCount(value[key])) return `${key} is not a whole number from 0`;
  if (!isObject(plan) || !isCount(plan.seed) || !Array.isArray(plan.faults)) return "the plan is not a seed and a list of faults";
  if (!plan.faults.every((fault) => typeof fault === "string")) return "a fault of the plan is not a text";
  return isObject(setup) && isCount(setup.cpus) ? undefined : "the setup is not that of a machine";
};

/** A header from what somebody else wrote; a text says what is wrong with it. */
export const readHeader = (value: unknown): Header | string =>
  isObject(value) ? (headerProblem(value) ?? (value as unknown as Header)) : "no header";

const noteNames = ["facts-only", "refused", "end"] as const satisfies ReadonlyArray<Note["note"]>;

const refusedKeys = ["by", "who", "what", "why"] as const;

const noteProblem = (value: Unread): string | undefined => {
  if (value.note === "refused") {
    const problem = refusedKeys.find((key) => typeof value[key] !== "string");
    return problem === undefined && isCount(value.times) ? undefined : `the note of somebody refused lacks its ${problem ?? "times"}`;
  }
  if (value.note === "facts-only") return isCount(value.entries) ? undefined : "entries is not a whole number from 0";
  if (value.note !== "end") return `unknown note ${JSON.stringify(value.note)}${didYouMean(String(value.note), noteNames)}`;
  return isObject(value.end) && Array.isArray(value.faults) ? undefined : "the note of the end lacks its end or its faults";
};

export class JournalReader {
  private readonly reader: LineReader;
  private readonly visit: (line: Line) => void;
  private ended = false;

  /** `file` is named in every complaint. Each line is handed to `visit` as it is read. */
  constructor(file: string, visit: (line: Line) => void) {
    this.reader = new LineReader(file, (value, number, text) => this.take(value, number, text));
    this.visit = visit;
  }

  /** The next bytes of the file, cut anywhere. */
  push(bytes: Uint8Array): void {
    this.reader.push(bytes);
  }

  /** After the last byte. */
  finish(): Ending {
    const { lines, isCut } = this.reader;
    if (lines === 0) this.reader.fail(1, isCut ? "its header is cut off" : "the journal is empty");
    return { lines, ended: this.ended, cutLine: isCut ? lines + 1 : null };
  }

  private take(value: Unread, number: number, text: string): string | undefined {
    if (this.ended) return "a line after the note of the end";
    const isNote = number > 1 && "note" in value;
    const problem = number === 1 ? headerProblem(value) : isNote ? noteProblem(value) : entryProblem(value);
    if (problem !== undefined) return problem;
    // The checks above are what makes these casts true.
    if (number === 1) this.visit({ is: "header", header: value as unknown as Header });
    else if (isNote) {
      const note = value as unknown as Note;
      this.ended = note.note === "end";
      this.visit({ is: "note", note });
    } else this.visit({ is: "entry", entry: { ...value, actor: actorOf(value.actor) } as unknown as Entry, line: number, text });
    return undefined;
  }
}
