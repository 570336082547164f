// Events come out of the queue by time, then class, then as they came in: whether they went in one by one or as a batch.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { EventQueue } from "../../shared/virtual/queue.ts";
import { PlainQueue } from "./plainQueue.ts";

/** Times that tie often, and some that are far away. */
const time = fc.oneof(fc.nat(5), fc.nat(1_000), fc.nat(5_000_000), fc.nat(1e12));
const eventClass = fc.nat(3);
const action = fc.oneof(
  fc.record({ do: fc.constant("push" as const), afterNs: time, eventClass }),
  fc.record({ do: fc.constant("batch" as const), afterNs: fc.array(time, { minLength: 1, maxLength: 40 }), eventClass }),
  fc.record({ do: fc.constant("pop" as const), count: fc.nat(30) }),
  fc.record({ do: fc.constant("skip" as const), count: fc.nat(30) }),
);

describe("the queue", () => {
  it("gives what a list that is sorted anew each time gives", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const queue = new EventQueue(() => false);
        const plain = new PlainQueue();
        let [now, slot] = [0, 0];
        const pop = (): boolean => {
          const next = plain.nextTime();
          assert.strictEqual(queue.nextTime(), next);
          if (next === Infinity) return false;
          now = next;
          assert.deepStrictEqual([queue.pop(), queue.member, queue.more], [plain.pop(), plain.member, plain.more]);
          return true;
        };
        /** Goes on with the batch that was popped from last, past whatever comes between. */
        const skip = (count: number): void => {
          if (!queue.more) return;
          const until = queue.quietUntil(-1, () => false);
          if (until > -Infinity) assert.strictEqual(until, plain.nextTime(plain.slot));
          assert.strictEqual(queue.batch.slot, plain.slot);
          const skipped = Math.min(count, queue.batch.ranks.length - queue.batch.next);
          queue.skip(skipped);
          plain.skip(skipped);
          assert.strictEqual(queue.more, plain.more);
        };
        for (const one of actions) {
          if (one.do === "skip") {
            if (pop()) skip(one.count);
          } else if (one.do === "pop") for (let i = 0; i < one.count && pop(); i++);
          else if (one.do === "push") for (const to of [queue, plain]) to.push(now + one.afterNs, one.eventClass, slot);
          else
            for (const to of [queue, plain])
              to.pushBatch(
                Float64Array.from(one.afterNs, (ns) => now + ns),
                one.eventClass,
                slot,
              );
          slot++;
        }
        while (pop());
      }),
      { numRuns: 500 },
    );
  });

  it("never gives what nobody waits for any more, if it is far away, and tells of nothing else that it comes", () => {
    const cancelled = new Set([2, 4]);
    const released: number[] = [];
    const queue = new EventQueue((slot) => cancelled.has(slot) && released.push(slot) > 0);
    queue.pushBatch(new Float64Array([1, 2, 9e9]), 0, 0);
    for (const [slot, at] of [5, 2e6, 2e6, 5e9, 6e9].entries()) queue.push(at, 0, slot + 1);
    assert.strictEqual(queue.pop(), 0);
    assert.strictEqual(
      queue.quietUntil(0, (slot) => slot === 1),
      2e6,
    );
    assert.strictEqual(
      queue.quietUntil(7, () => false),
      -Infinity,
    );
    queue.skip(2);
    assert.isFalse(queue.more);
    const rest = Array.from({ length: 3 }, () => queue.pop());
    assert.deepStrictEqual(rest, [1, 3, 5]);
    assert.strictEqual(queue.nextTime(), Infinity);
    assert.sameMembers(released, [...cancelled]);
  });

  it("is first in, first out on ties, and by class before that", () => {
    const queue = new EventQueue(() => false);
    for (let slot = 0; slot < 3000; slot++) queue.push(7, slot % 3, slot);
    const popped = Array.from({ length: 3000 }, () => queue.pop());
    const expected = [0, 1, 2].flatMap((one) => Array.from({ length: 1000 }, (_, i) => 3 * i + one));
    assert.deepStrictEqual(popped, expected);
    assert.strictEqual(queue.nextTime(), Infinity);
  });

  it("orders a large batch whose members arrive in any order", () => {
    const queue = new EventQueue(() => false);
    const times = Float64Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 20_011);
    queue.pushBatch(times, 0, 0);
    let last = -1;
    for (let i = 0; i < times.length; i++) {
      const next = queue.nextTime();
      queue.pop();
      assert.strictEqual(times[queue.member], next);
      assert.isAbove(next, last);
      last = next;
    }
    assert.isFalse(queue.more);
  });
});
