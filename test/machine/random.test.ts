// Random numbers are the same for ever from the same seed and name, differ from any other, and are as even as they should be.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { below, exponential, nextWord, normal, type Random, stream, uniform } from "../../shared/machine/random.ts";

const words = (random: Random, count: number): number[] => Array.from({ length: count }, () => nextWord(random));

/** Mean of `count` draws. */
const average = (count: number, draw: () => number): number => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += draw();
  return sum / count;
};

const seed = fc.nat(Number.MAX_SAFE_INTEGER);

describe("a stream", () => {
  it("gives these numbers for ever, so that a printed seed replays", () => {
    assert.deepStrictEqual(words(stream(1, "cpu0.1"), 4), [3451801908, 1472302881, 3450012114, 1909050164]);
    assert.deepStrictEqual(words(stream(Number.MAX_SAFE_INTEGER, "network"), 4), [3967417620, 2960283889, 3899031613, 3222072182]);
  });

  it("is the same from the same seed and name", () => {
    fc.assert(
      fc.property(seed, fc.string(), (from, name) => assert.deepStrictEqual(words(stream(from, name), 8), words(stream(from, name), 8))),
    );
  });

  it("is another one from another seed or name", () => {
    fc.assert(
      fc.property(seed, seed, fc.string(), fc.string(), (a, b, name, other) => {
        fc.pre(a !== b || name !== other);
        assert.notDeepEqual(words(stream(a, name), 4), words(stream(b, other), 4));
      }),
    );
  });

  it("shares its start with no other of 200,000 CPUs", () => {
    const starts = new Set<string>();
    for (let cpu = 0; cpu < 200_000; cpu++) {
      const { a, b, c } = stream(7, `cpu${cpu}.1`);
      starts.add(`${a} ${b} ${c}`);
    }
    assert.strictEqual(starts.size, 200_000);
  });

  it("goes on from a copy of its state as the state itself does", () => {
    const random = stream(3, "copied");
    words(random, 5);
    assert.deepStrictEqual(words({ ...random }, 5), words(random, 5));
  });

  it("has every bit set half of the time, and the first words of neighbouring seeds have nothing in common", () => {
    const random = stream(11, "bits");
    for (let bit = 0; bit < 32; bit++) {
      assert.closeTo(
        average(20_000, () => (nextWord(random) >>> bit) & 1),
        0.5,
        0.02,
      );
      let next = 0;
      assert.closeTo(
        average(20_000, () => (nextWord(stream(next++, "seeds")) >>> bit) & 1),
        0.5,
        0.02,
      );
    }
  });
});

describe("draws", () => {
  const random = stream(5, "draws");

  it("stay in their range", () => {
    for (let i = 0; i < 10_000; i++) {
      const share = uniform(random);
      assert.isTrue(share >= 0 && share < 1);
      const cpu = below(random, 7);
      assert.isTrue(Number.isInteger(cpu) && cpu >= 0 && cpu < 7);
      assert.isTrue(exponential(random, 10) >= 0);
    }
  });

  it("have the mean and the spread that they are named after", () => {
    const count = 200_000;
    assert.closeTo(
      average(count, () => uniform(random)),
      0.5,
      0.005,
    );
    assert.closeTo(
      average(count, () => exponential(random, 40)),
      40,
      0.5,
    );
    assert.closeTo(
      average(count, () => normal(random)),
      0,
      0.01,
    );
    assert.closeTo(
      average(count, () => normal(random) ** 2),
      1,
      0.02,
    );
  });
});
