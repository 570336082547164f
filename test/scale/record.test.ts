// The lines of a sweep: what is written is read back, and what is none is said to be.
import { assert, describe, it } from "vitest";
import { hostNames, measureNames, type RunRecord, readRecord, readRecords, recordLine } from "../../shared/scale/record.ts";

const record: RunRecord = {
  cell: "cpus=8 model=simple",
  seed: 7,
  verdict: "valid",
  outcome: "committed",
  measures: Object.fromEntries(measureNames.map((name, i) => [name, i === 5 ? null : i * 1000])) as RunRecord["measures"],
  host: Object.fromEntries(hostNames.map((name) => [name, 0.25])) as RunRecord["host"],
  by: "w1",
};

describe("a record", () => {
  it("reads back as it was written", () => {
    assert.deepStrictEqual(readRecord(JSON.parse(recordLine(record))), record);
    assert.deepStrictEqual(readRecords("runs.ndjson", recordLine(record).repeat(2)), [record, record]);
    assert.deepStrictEqual(readRecords("runs.ndjson", ""), []);
  });

  it("names its line where it is none", () => {
    const { completion_ns: _, ...fewer } = record.measures;
    const broken = [
      ["", /is no object/],
      ["[]", /is no object/],
      [JSON.stringify({ ...record, seed: 1.5 }), /seed is no whole number/],
      [JSON.stringify({ ...record, cell: 8 }), /cell is no text/],
      [JSON.stringify({ ...record, cell: "\u001b[2J" }), /cell is no text of at most \d+ characters without control/],
      [JSON.stringify({ ...record, by: "w\u009b2J" }), /by is no text/],
      [JSON.stringify({ ...record, by: "w".repeat(257) }), /by is no text/],
      [JSON.stringify({ ...record, verdict: "toString" }), /verdict is none of valid, violated, unknown/],
      [JSON.stringify({ ...record, outcome: "done" }), /outcome is none of committed, /],
      [JSON.stringify({ ...record, measures: fewer }), /measures are not completion_ns, /],
      [JSON.stringify({ ...record, host: { ...record.host, host_cpu_s: "1" } }), /host is not /],
    ] as const;
    for (const [line, message] of broken)
      assert.throws(() => readRecords("runs.ndjson", `${recordLine(record)}${line}\n`), message, undefined, line);
    assert.throws(() => readRecords("runs.ndjson", `${recordLine(record)}?\n`), /runs\.ndjson: line 2: is no record/);
  });
});
