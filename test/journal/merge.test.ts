// Several processes' journals become one: causes before effects, nothing lost, and what is missing is named.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { JournalReader } from "../../shared/journal/decode.ts";
import type { Entry } from "../../shared/journal/entry.ts";
import { Merge, mergeParts } from "../../shared/journal/merge.ts";
import { Replay } from "../../shared/journal/replay.ts";
import { TurnReader } from "../../shared/journal/turns.ts";
import { record } from "./recorded.ts";

const { text, setup } = record(8, 7, ["drop 20% of any", "crash cpu 2 at prepare restart after 5ms"]);

const entries: Entry[] = [];
const reader = new JournalReader("j", (line) => {
  if (line.is === "entry") entries.push(line.entry);
});
reader.push(new TextEncoder().encode(text));
reader.finish();

/** As the processes of a live run would have written them: each its own actors, in the order in which they took their turns. */
const partsFor = (hosts: number) => Array.from({ length: hosts }, (_, host) => entries.filter(({ actor }) => (actor + 1) % hosts === host));

describe("merge", () => {
  it("gives one journal of any number of parts, in which every send stands before its delivery and which replays", () => {
    const whole = mergeParts(partsFor(1));
    for (const hosts of [2, 3, 9]) assert.deepStrictEqual(mergeParts(partsFor(hosts)), whole);
    assert.deepStrictEqual(whole.gaps, []);
    assert.lengthOf(whole.entries, entries.length);
    const sent = new Set<string>();
    for (const { actor, kind, body } of whole.entries) {
      if (kind === "output" && body.kind === "send") sent.add(`${actor} ${JSON.stringify(body.msg)}`);
      if (kind === "input" && body.kind === "deliver") assert.isTrue(sent.has(`${body.from} ${JSON.stringify(body.msg)}`));
    }
    const replay = new Replay(setup);
    const turns = new TurnReader({ turn: (turn) => assert.isUndefined(replay.take(turn)), fault: () => undefined });
    for (const entry of whole.entries) turns.push(entry);
    turns.finish();
    assert.isAbove(replay.turns, 100);
  });

  it("gives the same when parts are read bit by bit, and keeps little of what it has read", () => {
    const parts = partsFor(9);
    const told: Entry[] = [];
    const merge = new Merge(parts.length, (entry) => told.push(entry));
    const read = parts.map(() => 0);
    let [pushed, mostKept] = [0, 0];
    for (let part = merge.settle(); part >= 0; part = merge.settle()) {
      const next = (parts[part] ?? []).slice(read[part], (read[part] ?? 0) + 5);
      if (next.length === 0) merge.end(part);
      for (const entry of next) merge.push(part, entry);
      read[part] = (read[part] ?? 0) + next.length;
      pushed += next.length;
      mostKept = Math.max(mostKept, pushed - told.length);
    }
    assert.deepStrictEqual({ entries: told, gaps: merge.gaps }, mergeParts(parts));
    assert.isBelow(mostKept, entries.length / 4);
  });

  it("names a gap wherever an entry is missing, but for the last of a life", () => {
    const lastOfLife = (index: number): boolean => {
      const { actor } = entries[index] as Entry;
      const next = entries.slice(index + 1).find((entry) => entry.actor === actor && entry.kind !== "fault");
      return next === undefined || next.seq === 0;
    };
    fc.assert(
      fc.property(fc.nat(entries.length - 1), (index) => {
        const entry = entries[index] as Entry;
        fc.pre(entry.kind !== "fault" && !lastOfLife(index));
        const { gaps } = mergeParts([entries.toSpliced(index, 1)]);
        assert.lengthOf(gaps, 1);
        assert.include(gaps[0]?.message, `lacks entry ${entry.seq}`);
      }),
    );
  });

  it("names the first entry of a second life where it is missing", () => {
    const first = entries.find(({ actor, kind }) => actor === 2 && kind === "input") as Entry;
    const { gaps } = mergeParts([[...entries, { ...first, clock: 1_000_000, seq: 1 }]]);
    assert.deepStrictEqual(
      gaps.map(({ message }) => message),
      ["the journal of cpu2 lacks entry 0"],
    );
  });

  it("names an entry that is there twice, and takes a new life for no gap", () => {
    const again = mergeParts([[...entries, entries[40] as Entry]]);
    assert.match(again.gaps[0]?.message ?? "", /has entry \d+ again/);
    const first = entries.find(({ actor, kind }) => actor === 2 && kind === "input") as Entry;
    const restarted = mergeParts([[...entries, { ...first, clock: 1_000_000, seq: 0 }]]);
    assert.deepStrictEqual(restarted.gaps, []);
  });
});
