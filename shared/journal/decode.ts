// Reads a journal back, strictly: every complaint names its line, and a journal that was cut off says so.
import { BadInput, didYouMean } from "../machine/badInput.ts";
import { type Entry, type Header, journalLimits, journalSchema, type Note } from "./entry.ts";
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

type Unread = Readonly<Record<string, unknown>>;

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

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

const isObject = (value: unknown): value is Unread => typeof value === "object" && value !== null && !Array.isArray(value);

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

const noteProblem = (value: Unread): string | undefined => {
  if (value.note === "facts-only") return isCount(value.entries) ? undefined : "entries is not a whole number from 0";
  if (value.note !== "end") return `unknown note ${JSON.stringify(value.note)}${didYouMean(String(value.note), ["facts-only", "end"])}`;
  return isObject(value.end) && Array.isArray(value.faults) ? undefined : "the note of the end lacks its end or its faults";
};

export class JournalReader {
  private readonly file: string;
  private readonly visit: (line: Line) => void;
  private readonly isPart: boolean;
  private readonly utf8 = new TextDecoder("utf-8", { fatal: true });
  private rest = "";
  private lines = 0;
  private ended = false;

  /**
   * `file` is named in every complaint. Each line is handed to `visit` as it is read. A part, which one process of a live run wrote,
   * has neither header nor end, and may be empty if the process was killed before its first turn.
   */
  constructor(file: string, visit: (line: Line) => void, isPart = false) {
    this.file = file;
    this.visit = visit;
    this.isPart = isPart;
  }

  /** The next bytes of the file, cut anywhere. */
  push(bytes: Uint8Array): void {
    const text = this.rest + this.decode(bytes);
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.line(text.slice(start, end));
      start = end + 1;
    }
    this.rest = text.slice(start);
    if (this.rest.length > journalLimits.lineLength)
      this.fail(this.lines + 1, `a line of more than ${journalLimits.lineLength} characters`);
  }

  /** After the last byte. */
  finish(): Ending {
    // A line that its writer did not finish may end in half a character, which is no complaint of its own.
    const cut = this.rest !== "";
    if (this.lines === 0 && !this.isPart) this.fail(1, cut ? "its header is cut off" : "the journal is empty");
    return { lines: this.lines, ended: this.ended, cutLine: cut ? this.lines + 1 : null };
  }

  private decode(bytes: Uint8Array): string {
    try {
      return this.utf8.decode(bytes, { stream: true });
    } catch {
      return this.fail(this.lines + 1, "bytes that are not UTF-8 (in this line or soon after it)");
    }
  }

  private line(text: string): void {
    const number = ++this.lines;
    if (this.ended) this.fail(number, "a line after the note of the end");
    const value = this.parse(number, text);
    if (number === 1 && !this.isPart) {
      this.refuse(1, headerProblem(value));
      this.visit({ is: "header", header: value as unknown as Header });
    } else if ("note" in value) {
      this.refuse(number, noteProblem(value));
      const note = value as unknown as Note;
      this.ended = note.note === "end";
      this.visit({ is: "note", note });
    } else {
      this.refuse(number, entryProblem(value));
      // The checks above are what makes these casts true.
      const entry = { ...value, actor: actorOf(value.actor) } as unknown as Entry;
      this.visit({ is: "entry", entry, line: number, text });
    }
  }

  private parse(number: number, text: string): Unread {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return this.fail(number, `not JSON (${(error as SyntaxError).message})`);
    }
    return isObject(value) ? value : this.fail(number, "not an object");
  }

  private refuse(line: number, problem: string | undefined): void {
    if (problem !== undefined) this.fail(line, problem);
  }

  private fail(line: number, message: string): never {
    throw new BadInput(this.file, `line ${line}`, message);
  }
}
