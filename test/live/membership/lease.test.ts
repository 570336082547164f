// Leases: whatever the clocks, delays and losses, nobody is taken for dead who may still act.
import { assert, describe, it } from "@effect/vitest";
import * as fc from "fast-check";
import {
  firstIncarnation,
  heldUntil,
  isOver,
  leaseLimits,
  lifeStride,
  mostLives,
  renewEveryNs,
  resumedAt,
  type Sighting,
  sighting,
} from "../../../shared/live/membership/lease.ts";

const leaseNs = 2e9;

/** What befalls one renewal: how long its way there and back takes, and which of both is lost. */
interface Way {
  readonly thereNs: number;
  readonly backNs: number;
  readonly lost: "nothing" | "there" | "back";
}

/** What befalls one look of the watcher: when it is, after the last, and how long its question and the answer take. */
interface Look {
  readonly afterNs: number;
  readonly thereNs: number;
  readonly backNs: number;
}

interface Story {
  /** How fast the clocks of holder and watcher run, beside true time. */
  readonly holderRate: number;
  readonly watcherRate: number;
  readonly ways: readonly Way[];
  readonly looks: readonly Look[];
}

interface Event {
  readonly at: number;
  readonly do: () => void;
}

/** The record as the server keeps it: changed by compare-and-set only. */
class Server {
  revision = 1;
  dead = false;

  renew(expected: number): number | null {
    if (expected !== this.revision) return null;
    return ++this.revision;
  }
}

/**
 * Lives through a story in true time. Gives until when the holder believed that it may act and when the watcher was told that its word
 * of the death is written, both in true time; undefined if that never came.
 */
const live = ({ holderRate, watcherRate, ways, looks }: Story): { readonly actsUntil: number; readonly deadAt: number | undefined } => {
  const server = new Server();
  const events: Event[] = [];
  const at = (time: number, act: () => void): void => void events.push({ at: time, do: act });
  let known = 1;
  // The claim was asked for at 0.
  let untilTrue = heldUntil(0, leaseNs) / holderRate;
  let deadAt: number | undefined;

  const renew = (now: number, index: number): void => {
    const way = ways[index];
    if (way === undefined || now >= untilTrue) return;
    const askedAt = now * holderRate;
    if (way.lost !== "there") {
      at(now + way.thereNs, () => {
        const renewed = server.renew(known);
        const back = now + way.thereNs + way.backNs;
        if (way.lost === "back" || renewed === null) return;
        at(back, () => {
          known = renewed;
          if (back < untilTrue) untilTrue = Math.max(untilTrue, heldUntil(askedAt, leaseNs) / holderRate);
        });
      });
    }
    const next = now + renewEveryNs(leaseNs) / holderRate;
    // A renewal whose answer was lost is found out by reading: that says which revision is ours, and nothing of when.
    at(next, () => {
      known = server.dead ? known : server.revision;
      renew(next, index + 1);
    });
  };

  let seen: Sighting | undefined;
  const look = (now: number, index: number): void => {
    const one = looks[index];
    if (one === undefined || deadAt !== undefined) return;
    const asked = now + one.afterNs;
    at(asked + one.thereNs, () => {
      const { revision } = server;
      const answered = asked + one.thereNs + one.backNs;
      at(answered, () => {
        seen = sighting(seen, revision, answered * watcherRate);
        if (isOver(seen, leaseNs, answered * watcherRate) && server.renew(seen.revision) !== null) {
          server.dead = true;
          deadAt = answered;
        }
        look(answered, index + 1);
      });
    });
  };

  renew(renewEveryNs(leaseNs) / holderRate, 0);
  look(0, 0);
  while (events.length > 0) {
    events.sort((a, b) => b.at - a.at);
    events.pop()?.do();
  }
  return { actsUntil: untilTrue, deadAt };
};

const delay = fc.oneof(fc.integer({ min: 0, max: 5e6 }), fc.integer({ min: 0, max: 4 * leaseNs }));
const rate = fc.double({ min: 1 - leaseLimits.drift / 2.1, max: 1 + leaseLimits.drift / 2.1, noNaN: true });
const way = fc.record({
  thereNs: delay,
  backNs: delay,
  lost: fc.constantFrom("nothing" as const, "nothing" as const, "there" as const, "back" as const),
});
const lookArbitrary = fc.record({ afterNs: fc.integer({ min: 1e6, max: leaseNs }), thereNs: delay, backNs: delay });
const stories = fc.record({
  holderRate: rate,
  watcherRate: rate,
  ways: fc.array(way, { maxLength: 12 }),
  looks: fc.array(lookArbitrary, { minLength: 1, maxLength: 40 }),
});

describe("a lease", () => {
  it("is over for whoever watches only when its holder has stopped, with time for a last step", () => {
    let deaths = 0;
    fc.assert(
      fc.property(stories, (story) => {
        const { actsUntil, deadAt } = live(story);
        if (deadAt === undefined) return;
        deaths++;
        assert.isAtLeast(deadAt, actsUntil + leaseLimits.stopNs * 0.9);
      }),
      { numRuns: 3_000 },
    );
    assert.isAbove(deaths, 300);
  });

  it("of a holder that is heard from in time is never over", () => {
    const calm: Story = {
      holderRate: 1,
      watcherRate: 1,
      ways: Array.from({ length: 40 }, () => ({ thereNs: 1e6, backNs: 1e6, lost: "nothing" })),
      looks: Array.from({ length: 80 }, () => ({ afterNs: renewEveryNs(leaseNs) / 2, thereNs: 1e6, backNs: 1e6 })),
    };
    assert.isUndefined(live(calm).deadAt);
  });

  it("outlives all but one of the renewals that fit into it", () => {
    const ways = Array.from(
      { length: 40 },
      (_, i): Way => ({ thereNs: 1e6, backNs: 1e6, lost: i % leaseLimits.renewals === 0 ? "nothing" : "there" }),
    );
    const looks = Array.from({ length: 80 }, () => ({ afterNs: renewEveryNs(leaseNs) / 2, thereNs: 1e6, backNs: 1e6 }));
    assert.isUndefined(live({ holderRate: 1, watcherRate: 1, ways, looks }).deadAt);
  });

  it("of a coordinator that ends leaves a run that goes on beyond what any of its CPUs can have written, however late it is taken over", () => {
    const day = fc.double({ min: 0, max: 86_400, noNaN: true });
    const property = fc.property(day, day, day, fc.integer({ min: 1, max: 5 }), (gatherS, aloneS, heardS, times) => {
      // Its CPUs were powered on a while after it was written down, and have gone on without anybody since.
      const claimedS = gatherS + heardS + aloneS;
      // Whoever takes over may have come to watch only when it had long been silent.
      const known = { writtenMs: 5_000, claimedMs: 5_000 + claimedS * 1e3, atNs: heardS * 1e9, silentNs: leaseNs, leaseNs };
      const written = (heardS + aloneS) * 1e9 + (times - 1) * leaseNs;
      assert.isAtLeast(resumedAt({ ...known, times }), written);
    });
    fc.assert(property);
  });

  it("of each later life begins with incarnations that no CPU of an earlier one can have reached", () => {
    assert.deepStrictEqual(
      [1, 2, 3].map((life) => firstIncarnation(life, 1)),
      [1, 1 + lifeStride, 1 + 2 * lifeStride],
    );
    // Whoever was followed, and has yet to find that out, may start a later life of a range than whoever followed him.
    const all = [1, 2, 3].flatMap((coordinator) => [1, 2, mostLives].map((life) => firstIncarnation(life, coordinator)));
    assert.deepStrictEqual(
      all,
      [...new Set(all)].toSorted((a, b) => a - b),
    );
    assert.isBelow(firstIncarnation(mostLives, mostLives) + lifeStride, 2 ** 31);
    assert.throws(() => firstIncarnation(mostLives + 1, 1), RangeError);
  });
});
