// What a process of a live run writes: short while it runs, and the same entries as the journal of everyone when it is read.
import { assert, describe, it } from "vitest";
import { JournalReader } from "../../shared/journal/decode.ts";
import type { Entry } from "../../shared/journal/entry.ts";
import { PartEncoder, PartReader, type StepTaken } from "../../shared/journal/part.ts";
import { oneCpu } from "../../shared/machine/cpuSet.ts";
import type { FaultApplied, TurnTaken } from "../../shared/protocol/observer.ts";
import { record } from "./recorded.ts";

const { text, turns, faults } = record(8, 7, ["drop 20% of any", "crash cpu 2 at prepare restart after 5ms"]);

/** The journal of the same run, as everyone reads it. */
const entries: Entry[] = [];
const journal = new JournalReader("j", (line) => line.is === "entry" && entries.push(line.entry));
journal.push(new TextEncoder().encode(text));

const stepOf = (turn: TurnTaken): StepTaken => ({ ...turn, cpus: turn.actor < 0 ? [] : oneCpu(turn.actor) });

/** All turns and faults as one process would write them; `take` after each turn of it. */
const write = (encoder: PartEncoder, of: readonly TurnTaken[] = turns, struck: readonly FaultApplied[] = faults): string => {
  let written = "";
  let next = 0;
  for (const turn of of) {
    while (next < struck.length && (struck[next] as FaultApplied).at <= turn.input.at) encoder.fault(struck[next++] as FaultApplied);
    encoder.step(stepOf(turn));
    if (turn.actor < 0) written += encoder.take();
  }
  return written + encoder.take();
};

const read = (written: string, block = 1 << 20): { readonly entries: Entry[]; readonly full: boolean } => {
  const found: Entry[] = [];
  const reader = new PartReader("p", (entry) => found.push(entry));
  const bytes = new TextEncoder().encode(written);
  for (let at = 0; at < bytes.length; at += block) reader.push(bytes.subarray(at, at + block));
  return { entries: found, full: reader.full };
};

const byActor = (all: readonly Entry[]): object =>
  Object.groupBy(
    all.filter(({ kind }) => kind !== "fault"),
    ({ actor }) => actor,
  );

/** Turns of CPUs that were all told the same and did the same: each with its own number in what it says. */
const alike = (cpus: readonly number[], clock = 5): TurnTaken[] =>
  cpus.map((cpu) => ({
    actor: cpu,
    clock,
    input: { kind: "deliver", at: 100, from: -1, msg: { kind: "stop", term: 1, epoch: 1, round: 4, ask: { do: "run", active: 3 } } },
    outputs: [
      { kind: "announce", fact: { fact: "stopped", cpu, incarnation: 1, term: 1, epoch: 1, round: 4 } },
      {
        kind: "send",
        to: "coordinators",
        afterNs: 0,
        msg: { kind: "ack", term: 1, epoch: 1, round: 4, cpus: [cpu, cpu], incarnation: 1, report: { kind: "done" } },
      },
    ],
  }));

describe("a part", () => {
  it("holds every entry of its actors, numbered as in the journal", () => {
    const part = read(write(new PartEncoder("full")));
    assert.deepStrictEqual(byActor(part.entries), byActor(entries));
    assert.deepStrictEqual(
      part.entries.filter(({ kind }) => kind === "fault"),
      entries.filter(({ kind }) => kind === "fault"),
    );
    assert.isTrue(part.full);
  });

  it("is the same however its bytes are cut, and shorter than the journal", () => {
    const written = write(new PartEncoder("full"));
    for (const block of [7, 1_000]) assert.deepStrictEqual(read(written, block), read(written));
    assert.isBelow(written.length, text.length);
  });

  it("has one line for CPUs that took the same step, and a new one where a step, a clock or the order of CPUs differs", () => {
    const linesOf = (steps: readonly TurnTaken[]): number => write(new PartEncoder("full"), steps, []).split("\n").length - 1;
    assert.strictEqual(linesOf(alike([0, 1, 2, 5, 6])), 1);
    assert.strictEqual(linesOf([...alike([0, 1]), ...alike([2], 6)]), 2);
    assert.strictEqual(linesOf(alike([1, 0])), 2);
    const [first, second] = alike([0, 1]) as [TurnTaken, TurnTaken];
    assert.strictEqual(linesOf([first, { ...second, outputs: second.outputs.slice(1) }]), 2);
    // What one says of another is no word of its own.
    assert.strictEqual(linesOf([first, { ...second, outputs: first.outputs }]), 2);
    const unfolded = read(write(new PartEncoder("full"), alike([0, 1, 2, 5, 6]), [])).entries;
    const apart = alike([0, 1, 2, 5, 6]).flatMap((turn) => read(write(new PartEncoder("full"), [turn], [])).entries);
    assert.deepStrictEqual(unfolded, apart);
  });

  it("goes on with facts only after the limit, with numbers that go on", () => {
    const { entries: found, full } = read(write(new PartEncoder("full", 100)));
    assert.isFalse(full);
    const facts = (all: readonly Entry[]) => all.filter(({ kind }) => kind === "fact").map(({ actor, body }) => ({ actor, body }));
    assert.deepStrictEqual(facts(found), facts(entries));
    const numbers = found.filter(({ actor, kind }) => actor === 2 && kind !== "fault").map(({ seq }) => seq);
    assert.deepStrictEqual(
      numbers.map((seq, i) => seq === 0 || seq === (numbers[i - 1] as number) + 1),
      numbers.map(() => true),
    );
    assert.strictEqual(numbers.filter((seq) => seq === 0).length, 2);
  });

  it("loses nothing but the line in which it is cut", () => {
    const written = write(new PartEncoder("full"));
    const whole = written.slice(0, written.lastIndexOf("\n", written.length - 2) + 1);
    assert.deepStrictEqual(read(written.slice(0, -2)).entries, read(whole).entries);
  });

  it("is refused where a line is missing or changed, with the number of the line", () => {
    const lines = write(new PartEncoder("full")).split("\n");
    assert.throws(() => read(lines.toSpliced(3, 1).join("\n")), /line 4: it is number 4 of its process, and should be 3/);
    const broken = (change: (line: string) => string) => () => read(lines.with(2, change(lines[2] as string)).join("\n"));
    assert.throws(
      broken((line) => line.replace(/"who":(\[[^\]]*\]|-?\d+)/, '"who":-1.5')),
      /line 3: who is neither an actor nor a set of CPUs/,
    );
    assert.throws(
      broken((line) => line.replace('"kind":"', '"kind":"x')),
      /line 3: body.kind "x/,
    );
  });
});
