// Delta debugging: what is found still fails, and nothing of it can be left out.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { ddmin } from "../../shared/chaos/ddmin.ts";

const items = Array.from({ length: 40 }, (_, i) => i);

describe("delta debugging", () => {
  it("finds exactly what a failure needs, whichever items that are", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(39), { maxLength: 6 }), (needed) => {
        const found = ddmin(items, (some) => needed.every((item) => some.includes(item)));
        assert.sameMembers([...found], needed);
      }),
    );
  });

  it("leaves nothing in that could be left out, also where any of several parts would do", () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.nat(39), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }), (ways) => {
        const fails = (some: readonly number[]): boolean => ways.some((way) => way.every((item) => some.includes(item)));
        const found = ddmin(items, fails);
        assert.isTrue(fails(found));
        for (const item of found) assert.isFalse(fails(found.filter((other) => other !== item)), `${item} of ${found.join()}`);
      }),
    );
  });

  it("gives nothing where nothing is needed", () => {
    assert.deepStrictEqual(
      ddmin(items, () => true),
      [],
    );
  });
});
