// A suggestion is made where a word was probably meant, and only there.
import fc from "fast-check";
import { expect, it } from "vitest";
import { nearest } from "../../shared/machine/spelling.ts";

const known = ["drop", "delay", "duplicate", "disable-irq", "to", "ack"];

it.each([
  ["dorp", "drop"],
  ["delai", "delay"],
  ["duplcate", "duplicate"],
  ["disable_irqs", "disable-irq"],
  ["ot", "to"],
  ["akc", "ack"],
  ["kab", undefined],
  ["partition", undefined],
  ["", undefined],
])("%j means %s", (word, meant) => {
  expect(nearest(word, known)).toBe(meant);
});

it("a known word means itself, whatever stands before it", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(known, { minLength: 1 }), (list) => {
      for (const word of list) expect(nearest(word, list)).toBe(word);
    }),
  );
});

it("of equally near words the first is meant", () => {
  expect(nearest("cat", ["bat", "rat"])).toBe("bat");
});
