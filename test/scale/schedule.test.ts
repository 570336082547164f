// How often cells are repeated, and which run comes next.
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { isTight, looksOf, type Policy, runsWanted } from "../../shared/scale/policy.ts";
import { Schedule, type Slot } from "../../shared/scale/schedule.ts";

const untilTight: Policy = { least: 5, most: 40, untilCi: 0.05 };

/** Its interval is never within 5 % of its median. */
const wild = (repeat: number): number => (repeat % 2 === 0 ? 100 : 200);

const wide = (runs: number): readonly number[] => Array.from({ length: runs }, (_, i) => wild(i));

const equal = (value: number, runs: number): readonly number[] => Array.from({ length: runs }, () => value);

describe("a policy", () => {
  it("looks at a cell at its least, then after half as many again, and at its most", () => {
    assert.deepStrictEqual(looksOf(untilTight), [5, 8, 12, 18, 27, 40]);
    assert.deepStrictEqual(looksOf({ least: 3, most: 3, untilCi: null }), [3]);
  });

  it("takes a cell for tight when half of its interval is within the share that was asked for", () => {
    assert.isTrue(isTight(untilTight, [100, 101, 102, 103, 104]));
    assert.isFalse(isTight(untilTight, wide(5)));
    assert.isFalse(isTight({ ...untilTight, untilCi: null }, equal(100, 5)));
  });

  it("never takes a cell for tight of which too few runs measured anything", () => {
    assert.isFalse(isTight(untilTight, [...equal(100, 4), null]));
    assert.isFalse(isTight(untilTight, [null, null, null, null, null, null]));
    assert.isTrue(isTight(untilTight, [...equal(100, 4), null, 100]));
    assert.isTrue(isTight(untilTight, equal(0, 5)));
  });

  it("stops at the first look that is tight, and at the last one in any case", () => {
    assert.strictEqual(runsWanted(untilTight, []), 5);
    assert.strictEqual(runsWanted(untilTight, wide(5)), 8);
    // What came after a look that was tight is not asked for.
    assert.strictEqual(runsWanted(untilTight, [...equal(100, 5), ...wide(3)]), 5);
    assert.strictEqual(runsWanted(untilTight, [...wide(5), ...equal(150, 13)]), 18);
    assert.strictEqual(runsWanted(untilTight, wide(40)), 40);
  });
});

const scheduled = (options: Partial<ConstructorParameters<typeof Schedule>[0]> = {}): Schedule =>
  new Schedule({ bytesOf: [10, 10, 100], policy: untilTight, memoryBytes: 120, atOnce: 4, ...options });

/** Takes runs to their end in the order that `pick` chooses, several under way together; gives what was run, as often as it was. */
const drive = (schedule: Schedule, pick: (under: number) => number, give: (slot: Slot) => number): readonly string[] => {
  const made: string[] = [];
  const under: Slot[] = [];
  for (;;) {
    for (let slot = schedule.next(); slot !== undefined; slot = schedule.next()) under.push(slot);
    if (under.length === 0) return made.toSorted();
    const [slot] = under.splice(pick(under.length) % under.length, 1) as [Slot];
    made.push(`${slot.cell} ${slot.repeat}`);
    schedule.end(slot, give(slot));
  }
};

describe("a schedule", () => {
  it("runs every cell on the same seeds, and the wide one more often than the tight ones", () => {
    const schedule = scheduled();
    const made = drive(
      schedule,
      () => 0,
      ({ cell, repeat }) => (cell === 1 ? wild(repeat) : 100),
    );
    for (const [cell, runs] of [5, 40, 5].entries())
      assert.sameMembers(
        made.filter((run) => run.startsWith(`${cell} `)),
        Array.from({ length: runs }, (_, repeat) => `${cell} ${repeat}`),
      );
    assert.isTrue(schedule.isOver);
    assert.strictEqual(schedule.done, 50);
  });

  it("makes the same runs in whatever order they end, and none twice", () => {
    const give = ({ cell, repeat }: Slot): number => (cell === 1 ? 100 + ((repeat * 7919) % 31) : cell === 2 ? wild(repeat) : 50 + repeat);
    const straight = drive(scheduled(), () => 0, give);
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 20, maxLength: 20 }), fc.integer({ min: 1, max: 6 }), (picks, atOnce) => {
        let at = 0;
        const made = drive(scheduled({ atOnce }), () => picks[at++ % picks.length] as number, give);
        assert.deepStrictEqual(made, straight);
      }),
      { numRuns: 10 },
    );
  });

  it("goes on where a former process was, whatever that had in hand", () => {
    const give = ({ cell, repeat }: Slot): number => (cell === 1 ? wild(repeat) : 100);
    const all = drive(scheduled(), () => 0, give);
    fc.assert(
      fc.property(fc.subarray([...all]), (before) => {
        const resumed = scheduled();
        for (const run of before) {
          const [cell, repeat] = run.split(" ").map(Number) as [number, number];
          resumed.end({ cell, repeat }, give({ cell, repeat }));
        }
        const made = drive(resumed, () => 0, give);
        assert.deepStrictEqual([...made, ...before].toSorted(), all);
        assert.isTrue(resumed.isOver);
      }),
      { numRuns: 10 },
    );
  });

  it("counts a run that comes in twice once", () => {
    const schedule = scheduled();
    const slot = schedule.next() as Slot;
    assert.isTrue(schedule.end(slot, 1));
    assert.isFalse(schedule.end(slot, 1));
    assert.strictEqual(schedule.done, 1);
  });

  it("takes small cells first, no more of them together than fit, and large ones alone", () => {
    const schedule = scheduled({ policy: { least: 1, most: 1, untilCi: null }, bytesOf: [10, 20, 50, 61], memoryBytes: 120 });
    const first = [schedule.next(), schedule.next(), schedule.next()];
    assert.deepStrictEqual(
      first.map((slot) => slot?.cell),
      [0, 1, 2],
    );
    assert.isFalse(schedule.isAlone(2));
    assert.isTrue(schedule.isAlone(3));
    assert.isUndefined(schedule.next());
    for (const slot of first) schedule.end(slot as Slot, 1);
    assert.strictEqual(schedule.next()?.cell, 3);
    assert.isUndefined(schedule.next());
  });

  it("lets nothing begin beside a large run", () => {
    const schedule = scheduled({ policy: { least: 2, most: 2, untilCi: null }, bytesOf: [10, 100], memoryBytes: 120, atOnce: 8 });
    const [one, two] = [schedule.next() as Slot, schedule.next() as Slot];
    schedule.end(one, 1);
    assert.isUndefined(schedule.next());
    schedule.end(two, 1);
    assert.deepStrictEqual(schedule.next(), { cell: 1, repeat: 0 });
    assert.isUndefined(schedule.next());
  });
});
