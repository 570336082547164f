// Numbers in pictures and pages: one way to write them, whatever they count.
import { assert, it } from "vitest";
import { countText, plural, tickText, timeText, typeset } from "../../shared/figure/numbers.ts";

const thin = "\u202f";

it("parts thousands with a thin space and leaves decimals alone", () => {
  assert.deepStrictEqual([0, 999, 1_000, 12_345.678, 1_234_567, -4_000].map(countText), [
    "0",
    "999",
    `1${thin}000`,
    `12${thin}345.678`,
    `1${thin}234${thin}567`,
    `-4${thin}000`,
  ]);
  assert.strictEqual(tickText(1_500.0000001), `1${thin}500`);
});

it("says one thing and several", () => {
  assert.deepStrictEqual(
    [0, 1, 2, 1_000].map((count) => plural(count, "time")),
    ["0 times", "1 time", "2 times", `1${thin}000 times`],
  );
});

it("gives times three digits in a unit of their size, with a Greek letter for the millionth", () => {
  assert.deepStrictEqual([0, 250, 1_000, 31_234, 999_400, 1_346_000, 2.5e9, 4e12].map(timeText), [
    "0",
    "250 ns",
    "1 µs",
    "31.2 µs",
    "999 µs",
    "1.35 ms",
    "2.5 s",
    `4${thin}000 s`,
  ]);
});

it("writes a sentence of the command line as the rest of the page is written", () => {
  assert.strictEqual(
    typeset("grows as 1,234,567 us - 3 us x CPUs (R2 0.99; at 2,000 CPUs, roughly)"),
    `grows as 1${thin}234${thin}567 µs − 3 µs × CPUs (R² 0.99; at 2${thin}000 CPUs, roughly)`,
  );
});
