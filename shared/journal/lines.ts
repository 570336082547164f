// Lines of JSON objects out of bytes that are cut anywhere: every complaint names its line, and a text that was cut off says so.
import { BadInput } from "../machine/badInput.ts";
import { journalLimits } from "./entry.ts";

export type Unread = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Unread => typeof value === "object" && value !== null && !Array.isArray(value);

export const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

export class LineReader {
  private readonly file: string;
  /** Says what is wrong with a line, if anything is. */
  private readonly take: (value: Unread, number: number, text: string) => string | undefined;
  private readonly utf8 = new TextDecoder("utf-8", { fatal: true });
  /** What of the next line has come, in pieces. */
  private rest: string[] = [];
  private restLength = 0;
  private read = 0;

  /** `file` is named in every complaint. */
  constructor(file: string, take: LineReader["take"]) {
    this.file = file;
    this.take = take;
  }

  /** Lines so far. */
  get lines(): number {
    return this.read;
  }

  /** True if the last line is only a part of one. */
  get isCut(): boolean {
    // A line that its writer did not finish may end in half a character, which is no complaint of its own.
    return this.restLength > 0;
  }

  /** The next bytes of the file. */
  push(bytes: Uint8Array): void {
    const text = this.decode(bytes);
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.line(this.takeRest() + text.slice(start, end));
      start = end + 1;
    }
    if (start === text.length) return;
    this.rest.push(text.slice(start));
    this.restLength += text.length - start;
    if (this.restLength > journalLimits.lineLength) this.fail(this.read + 1, `a line of more than ${journalLimits.lineLength} characters`);
  }

  private takeRest(): string {
    if (this.restLength === 0) return "";
    const rest = this.rest.join("");
    this.rest = [];
    this.restLength = 0;
    return rest;
  }

  fail(line: number, message: string): never {
    throw new BadInput(this.file, `line ${line}`, message);
  }

  private decode(bytes: Uint8Array): string {
    try {
      return this.utf8.decode(bytes, { stream: true });
    } catch {
      return this.fail(this.read + 1, "bytes that are not UTF-8 (in this line or soon after it)");
    }
  }

  private line(text: string): void {
    const number = ++this.read;
    const problem = this.take(this.parse(number, text), number, text);
    if (problem !== undefined) this.fail(number, problem);
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
}
