// What an axis runs over: lists, geometric ranges, and what is refused of them.
import * as fc from "fast-check";
import { assert, describe, it } from "vitest";
import { combinations, keyOf } from "../../shared/scale/cells.ts";
import { expand, geometric } from "../../shared/scale/range.ts";

const whole = {
  read: (text: string): number => {
    if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a whole number`);
    return Number(text);
  },
  print: String,
};

const fail = (message: string): Error => new Error(message);

const expanded = (...parts: readonly string[]): readonly string[] => expand(parts, true, whole, fail);

describe("a range", () => {
  it("has every factor from its first value, and its last value in any case", () => {
    assert.deepStrictEqual(expanded("2..1048576x8"), ["2", "16", "128", "1024", "8192", "65536", "524288", "1048576"]);
    assert.deepStrictEqual(expanded("2..16x2"), ["2", "4", "8", "16"]);
    assert.deepStrictEqual(expanded("5..5x2"), ["5"]);
    assert.deepStrictEqual(expanded("1", "2..8x2", "3"), ["1", "2", "4", "8", "3"]);
  });

  it("rises by its factor at most, from its first to its last value", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(1_000_000), fc.integer({ min: 2, max: 64 }), (from, more, factor) => {
        const values = geometric(from, from + more, factor);
        assert.deepStrictEqual([values[0], values.at(-1)], [from, from + more]);
        for (const [i, value] of values.slice(1).entries()) {
          assert.isAbove(value, values[i] as number);
          assert.isAtMost(value, (values[i] as number) * factor);
        }
      }),
    );
  });

  it("is refused with its reason", () => {
    const refused: ReadonlyArray<readonly [string, RegExp]> = [
      ["2..64", /"2\.\.64" has no factor: write 2\.\.64x2 for every doubling/],
      ["64..2x2", /ends before it begins/],
      ["2..64x1", /"1" is not a factor/],
      ["2..64x1.5", /"1\.5" is not a factor/],
      ["2..64xtwo", /"two" is not a factor/],
      ["0..64x2", /begins at 0/],
      ["a..64x2", /"a" is not a whole number/],
      ["..64x2", /"" is not a whole number/],
      ["1..2..4x2", /"2\.\.4" is not a whole number/],
    ];
    for (const [text, message] of refused) assert.throws(() => expanded(text), message, undefined, text);
  });

  it("is nothing but text where there are no numbers", () => {
    const words = { read: (text: string): string => text, print: String };
    assert.deepStrictEqual(expand(["../w..x2", "b"], false, words, fail), ["../w..x2", "b"]);
  });

  it("that has a value twice would give a cell twice", () => {
    assert.throws(() => expanded("2..8x2", "4"), /"4" is there twice/);
  });
});

describe("cells", () => {
  it("are every combination, the last axis running fastest", () => {
    assert.deepStrictEqual(
      combinations([
        ["a", "b"],
        ["1", "2"],
      ]),
      [
        ["a", "1"],
        ["a", "2"],
        ["b", "1"],
        ["b", "2"],
      ],
    );
    assert.deepStrictEqual(combinations([]), [[]]);
    assert.strictEqual(keyOf({ cpus: "8", fault: "drop 5% of any" }), "cpus=8 fault=drop 5% of any");
  });
});
