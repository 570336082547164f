// What is missing from the journals of a run is said, and never taken for something that was not done.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, assert, describe, it } from "vitest";
import { PartEncoder, type PartLengths } from "../../shared/journal/part.ts";
import { PartLengthsTold } from "../../shared/live/driver/partLengths.ts";
import type { ProcessSpec } from "../../shared/live/process/control.ts";
import { oneCpu } from "../../shared/machine/cpuSet.ts";
import type { Verdict } from "../../shared/oracle/verdict.ts";
import { record } from "./recorded.ts";

const { setup, turns } = record(8, 7, []);
const directory = mkdtempSync(join(tmpdir(), "quiesce-parts-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** The coordinator's part, and one of all CPUs: as their processes would have written them. */
const isOf = { "coordinator-0": (actor: number) => actor < 0, "host-0-1": (actor: number) => actor >= 0 };
const parts = Object.entries(isOf).map(([name, isIts]) => {
  const encoder = new PartEncoder("facts");
  for (const turn of turns) if (isIts(turn.actor)) encoder.step({ ...turn, cpus: turn.actor < 0 ? [] : oneCpu(turn.actor) });
  const path = join(directory, `${name}.ndjson`);
  const text = encoder.take();
  writeFileSync(path, text);
  return { name, path, bytes: Buffer.byteLength(text) };
});
const [, cpus] = parts as [(typeof parts)[0], (typeof parts)[0]];

const end = {
  ended: "finished",
  at: 1e9,
  healedAt: null,
  boundNs: 1e9,
  packets: { sent: 0, delivered: 0, dropped: 0, delayed: 0, duplicated: 0, corrupted: 0 },
  events: 1,
} as const;

const recorder = fileURLToPath(new URL("../../services/recorder/main.ts", import.meta.url));

/** By the recorder's own process. */
const verdictOf = (lengths: PartLengths): Verdict => {
  const order = { setup, journal: null, parts: parts.map(({ path }) => path), end, faults: [], refusals: [], doubts: [], lengths };
  const input = JSON.stringify(order);
  return JSON.parse(
    execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", recorder], { input, encoding: "utf8" }),
  ) as Verdict;
};

const whole = Object.fromEntries(parts.map(({ name, bytes }) => [name, bytes]));

describe("journals of a run", () => {
  it("that are whole are judged", () => assert.deepStrictEqual(verdictOf(whole).reasons, []));

  it("of which none had an end that is lost are judged as they are, also by what they lack", () => {
    truncateSync(cpus.path, Math.floor(cpus.bytes / 2));
    assert.strictEqual(verdictOf({}).verdict, "violated");
  });

  it("of which one lacks its end show no violation, and say what they lack", () => {
    const { verdict, reasons, exitCode } = verdictOf(whole);
    assert.deepStrictEqual([verdict, exitCode], ["unknown", 2]);
    assert.match(reasons[0] ?? "", /the journal of host-0-1 lacks its last \d+ of \d+ bytes/);
    assert.match(reasons[1] ?? "", /^it looks as if: /);
  });

  it("of which one may lack its end, or all, show none either", () => {
    const { verdict, reasons } = verdictOf({ "host-0-1": null });
    assert.strictEqual(verdict, "unknown");
    assert.match(reasons[0] ?? "", /may lack what its process, which was killed, said last/);
    writeFileSync(cpus.path, "");
    assert.strictEqual(verdictOf({ "coordinator-0": null, "host-9-1": null }).verdict, "unknown");
  });
});

describe("the length of a part", () => {
  const specOf = (part: string) => ({ journal: { part, mode: "full", fullEntries: 1 } }) as ProcessSpec;

  /** One process that ends in good order, one that is killed, and one that was given up. */
  const told = (again: number): PartLengthsTold => {
    const lengths = new PartLengthsTold();
    for (const part of ["host-0-1", "host-1-1", "host-2-1"]) lengths.begin(specOf(part));
    lengths.tell(specOf("host-0-1"), 7, again);
    lengths.kill(specOf("host-1-1"));
    return lengths;
  };

  it("is what its process says at its end; of one that cannot be asked it is not known", () =>
    assert.deepStrictEqual(told(0).all(0), { "host-0-1": 7, "host-2-1": null }));

  it("of a process that was killed is not known if the stream has not always taken what it was given", () => {
    assert.deepStrictEqual(told(1).all(0)["host-1-1"], null);
    assert.deepStrictEqual(told(0).all(2)["host-1-1"], null);
  });
});
