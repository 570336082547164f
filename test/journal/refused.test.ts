// Who was refused what: counted to the last, told in full as far as there is place.
import { assert, describe, it } from "@effect/vitest";
import { type Refused, RefusedTally, refusedLimits, refusedText } from "../../shared/journal/refused.ts";

const kind = (number: number, times = 1): Refused => ({
  by: "the NATS server",
  who: "host-1",
  what: `to publish on a.${number}`,
  why: "not permitted",
  times,
});

describe("a tally of the refused", () => {
  it("counts what comes again, and loses no count of a flood of ever new ones", () => {
    const tally = new RefusedTally();
    for (let number = 0; number < 1_000; number++) tally.add(kind(number, 2));
    tally.add(kind(0));
    const { all } = tally;
    assert.lengthOf(all, refusedLimits.kinds + 1);
    assert.deepStrictEqual(all[0], kind(0, 3));
    assert.strictEqual(all.at(-1)?.who, "others");
    assert.strictEqual(
      all.reduce((sum, { times }) => sum + times, 0),
      2_001,
    );
  });

  it("keeps what somebody made up short, and without what would move a terminal's cursor", () => {
    const tally = new RefusedTally();
    tally.add({ ...kind(1), what: `\u001b[2J${"x".repeat(1_000)}` });
    const [one] = tally.all;
    assert.isBelow(one?.what.length ?? Infinity, refusedLimits.text + 4);
    assert.notMatch(refusedText(one as Refused), /\p{Cc}/u);
  });
});
