// The journal: what is written is what is read, the same seed gives the same bytes, and whatever is wrong is named with its line.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { type Ending, JournalReader, type Line } from "../../shared/journal/decode.ts";
import type { Entry } from "../../shared/journal/entry.ts";
import { GapWatch } from "../../shared/journal/merge.ts";
import { TurnReader } from "../../shared/journal/turns.ts";
import type { FaultApplied, TurnTaken } from "../../shared/protocol/observer.ts";
import { record } from "./recorded.ts";

const faults = ["drop 20% of any", "crash cpu 2 at prepare restart after 5ms", "crash coordinator at run restart after 2ms"];

const read = (text: string | Uint8Array, block = 1 << 16): { readonly lines: Line[]; readonly ending: Ending } => {
  const lines: Line[] = [];
  const reader = new JournalReader("j.ndjson", (line) => lines.push(line));
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  for (let at = 0; at < bytes.length; at += block) reader.push(bytes.subarray(at, at + block));
  return { lines, ending: reader.finish() };
};

const entriesOf = (lines: readonly Line[]): Entry[] => lines.flatMap((line) => (line.is === "entry" ? [line.entry] : []));

const problemOf = (text: string | Uint8Array): string => {
  try {
    read(text);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("what is written", () => {
  it("is what is read: turns, faults, header and end", () => {
    const { text, turns, faults: applied, setup } = record(8, 7, faults);
    const { lines, ending } = read(text);
    const seen: { turns: TurnTaken[]; faults: FaultApplied[] } = { turns: [], faults: [] };
    const reader = new TurnReader({
      turn: ({ actor, clock, input, outputs }) => seen.turns.push({ actor, clock, input, outputs }),
      fault: (fault) => seen.faults.push(fault),
    });
    for (const entry of entriesOf(lines)) reader.push(entry);
    reader.finish();
    assert.deepStrictEqual(seen, { turns: [...turns], faults: [...applied] });
    assert.deepStrictEqual(ending, { lines: text.split("\n").length - 1, ended: true, cutLine: null });
    const [header] = lines;
    assert.isTrue(header?.is === "header");
    if (header?.is === "header") assert.deepStrictEqual(header.header.setup, setup);
    assert.isAbove(applied.length, 1);
  });

  it("is the same bytes for the same seed, and others for another", () => {
    assert.strictEqual(record(8, 7, faults).text, record(8, 7, faults).text);
    assert.notStrictEqual(record(8, 7, faults).text, record(8, 8, faults).text);
  });

  it("numbers the entries of each life without a gap", () => {
    const watch = new GapWatch();
    for (const entry of entriesOf(read(record(8, 7, faults).text).lines)) watch.see(entry);
    assert.deepStrictEqual(watch.gaps, []);
  });

  it("is facts and faults only after the limit, and says where that begins", () => {
    const whole = read(record(8, 7, faults).text).lines;
    const { lines } = read(record(8, 7, faults, { mode: "full", fullEntries: 100 }).text);
    const note = lines.findIndex((line) => line.is === "note" && line.note.note === "facts-only");
    assert.isAbove(note, 50);
    assert.isBelow(note, 102);
    const after = entriesOf(lines.slice(note));
    assert.deepStrictEqual([...new Set(after.map(({ kind }) => kind))].sort(), ["fact", "fault"]);
    const factsOf = (entries: readonly Entry[]) => entries.filter(({ kind }) => kind === "fact").map(({ body }) => body);
    assert.deepStrictEqual(factsOf(entriesOf(lines)), factsOf(entriesOf(whole)));
    const watch = new GapWatch();
    for (const entry of entriesOf(lines)) watch.see(entry);
    assert.deepStrictEqual(watch.gaps, []);
  });
});

describe("what is read", () => {
  const { text } = record(4, 1, []);
  const lines = text.split("\n");
  const withLine = (number: number, change: (line: string) => string): string =>
    lines.map((line, index) => (index === number - 1 ? change(line) : line)).join("\n");

  it("is the same however the bytes are cut", () => {
    const whole = read(text).lines;
    for (const block of [1, 7, 1000]) assert.deepStrictEqual(read(text, block).lines, whole);
  });

  it.each([
    ["", "j.ndjson: line 1: the journal is empty"],
    ["not json\n", "j.ndjson: line 1: not JSON"],
    [
      '{"schema":"quiesce.summary/1"}\n',
      'j.ndjson: line 1: not a journal: expected the schema "quiesce.journal/1", found "quiesce.summary/1"',
    ],
    [withLine(1, (line) => line.replace('"engine":"virtual"', '"engine":"vitual"')), 'line 1: unknown engine "vitual"'],
    [withLine(3, () => "{}"), 'line 3: an entry without "seq"'],
    [withLine(3, (line) => line.replace('"kind":"output"', '"kind":"ouput"')), 'line 3: unknown kind "ouput" (did you mean "output"?)'],
    [withLine(3, (line) => line.replace('"kind":"propose"', '"kind":"propse"')), 'line 3: body.kind "propse" is no output of this program'],
    [
      withLine(3, (line) => line.replace('"actor":"coordinator0"', '"actor":"cpu-1"')),
      'line 3: actor "cpu-1" is neither cpuN nor coordinatorN',
    ],
    [withLine(3, (line) => line.replace('"clock":1', '"clock":1.5')), "line 3: clock is not a whole number from 0"],
    [
      withLine(3, (line) => line.replace('"seq":1', '"seq":1,"clokc":1')),
      'line 3: unknown key "clokc" in an entry (did you mean "clock"?)',
    ],
    [withLine(3, (line) => line.replace('"revision":-1', '"revision":"-1"')), "line 3: body.revision is not an integer"],
    [withLine(lines.length - 1, (line) => line.replace('"end"', '"edn"')), 'unknown note "edn"'],
    [`${text}${lines[1]}\n`, `line ${lines.length}: a line after the note of the end`],
  ])("is refused with its line where it is wrong (%#)", (wrong, message) => assert.include(problemOf(wrong), message));

  it("is refused where it is no text", () => {
    assert.include(problemOf(Uint8Array.from([...new TextEncoder().encode(`${lines[0]}\n`), 0xff, 0xfe, 10])), "bytes that are not UTF-8");
  });

  it("is told from a journal that was cut off, in or between lines", () => {
    const cut = text.slice(0, text.indexOf("\n", 5000) + 10);
    const { ending } = read(cut);
    assert.deepStrictEqual(ending, { lines: cut.split("\n").length - 1, ended: false, cutLine: cut.split("\n").length });
    assert.deepInclude(read(cut.slice(0, -9)).ending, { ended: false, cutLine: null });
  });

  it("never fails in another way, whatever bytes come", () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string(), fc.nat(20), (at, inserted, removed) => {
        const changed = text.slice(0, at) + inserted + text.slice(at + removed);
        const problem = problemOf(changed);
        assert.isTrue(problem === "" || /^j\.ndjson: line \d+: /.test(problem), problem);
      }),
      { numRuns: 300 },
    );
  });
});
