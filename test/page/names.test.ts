// Names in pictures of messages: none stands on another one, on a cross, or outside.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { mostTicks, ticksOf } from "../../shared/page/frame.ts";
import { NamePlaces, nameHeight } from "../../shared/page/names.ts";

const spot = fc.record({
  text: fc.constantFrom("ack #1", "prepare #2", "hello"),
  x: fc.integer({ min: 0, max: 400 }),
  y: fc.integer({ min: 0, max: 90 }),
});

describe("names of messages", () => {
  it("never meet one another or a cross, never leave the picture, and are not said twice beside themselves", () =>
    fc.assert(
      fc.property(fc.array(spot, { maxLength: 60 }), fc.array(spot, { maxLength: 20 }), (wanted, crosses) => {
        const places = new NamePlaces({ left: 10, right: 390, most: 40 });
        for (const { x, y } of crosses) places.block(x, y, 4);
        const put: Array<{ readonly text: string; readonly x: number; readonly left: number; readonly right: number; readonly y: number }> =
          [];
        for (const { text, x, y } of wanted) {
          const width = 6 * text.length;
          const left = places.placeOf(text, width, x, y);
          if (left === undefined) continue;
          assert.isTrue(left >= 10 && left + width <= 390);
          for (const one of put) {
            assert.isFalse(left < one.right && one.left < left + width && Math.abs(one.y - y) < nameHeight, "on another name");
            assert.isFalse(one.text === text && Math.abs(one.x - x) < 90, "the same name beside itself");
          }
          for (const one of crosses)
            assert.isFalse(left < one.x + 4 && one.x - 4 < left + width && Math.abs(one.y - y) < nameHeight / 2 + 4, "on a cross");
          put.push({ text, x, left, right: left + width, y });
        }
        // Whoever stands beside the picture may find no room in it.
        assert.isTrue(wanted.every(({ x }) => x < 10 || x > 390) || crosses.length > 0 || put.length > 0);
      }),
    ));

  it("a picture of any width has two times below it, and at most as many as there is room for", () => {
    for (let width = 230; width <= 1_400; width += 30) {
      for (const toNs of [7_786_000, 8.5e9, 1_242_000, 24e6]) {
        const { at, label } = ticksOf({ fromNs: 0.1 * toNs, toNs }, mostTicks(width));
        assert.isAtLeast(at.length, 2, `${toNs} ns in ${width} pixels`);
        const pixels = (((at[1] as number) - (at[0] as number)) / (0.9 * toNs)) * width;
        assert.isAbove(pixels, 6 * label(at[1] as number).length, `${label(at[1] as number)} in ${width} pixels`);
      }
    }
  });
});
