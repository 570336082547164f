// The timers and clocks of a process: what fires within a turn, in which order, and what waits for the system.
import { setTimeout as sleep } from "node:timers/promises";
import { assert, describe, it } from "vitest";
import { LamportClock, RunClock } from "../../shared/live/process/clock.ts";
import { fineNs, Timers } from "../../shared/live/process/timers.ts";

const start = () => {
  const clock = new RunClock();
  const turns: string[][] = [];
  const timers = new Timers<number>(clock, (due) =>
    turns.push(due.flatMap((one) => (timers.claim(one) ? [`${one.owner} ${one.timer}`] : []))),
  );
  /** What fires within a turn. */
  const fire = (onFire: (name: string, due: number) => void = () => undefined): string[] => {
    const fired: string[] = [];
    timers.fireFine(({ owner, timer, due }) => {
      fired.push(`${owner} ${timer}`);
      onFire(`${owner} ${timer}`, due);
    });
    return fired;
  };
  return { clock, timers, turns, fire };
};

describe("timers", () => {
  it("fire within the turn in the order of their due times, those that they set included", () => {
    const { clock, timers, fire } = start();
    const at = clock.now();
    timers.set(0, "late", at, 3_000);
    timers.set(0, "early", at, 1_000);
    const fired = fire((name, due) => {
      if (name === "0 early") timers.set(0, "between", due, 1_000);
    });
    assert.deepStrictEqual(fired, ["0 early", "0 between", "0 late"]);
    assert.deepStrictEqual(fire(), []);
  });

  it("fire once: set again, cancelled or of a dead actor they do not", () => {
    const { clock, timers, fire } = start();
    const at = clock.now();
    for (const afterNs of [1_000, 2_000]) timers.set(0, "again", at, afterNs);
    timers.set(1, "cancelled", at, 1_000);
    timers.cancel(1, "cancelled");
    timers.set(2, "dead", at, 1_000);
    timers.cancelAll(2);
    assert.deepStrictEqual(fire(), ["0 again"]);
  });

  it("that set each other for ever leave the turn when they are too far ahead of the clock", () => {
    const { clock, timers, fire } = start();
    timers.set(0, "endless", clock.now(), 0);
    const fired = fire((_, due) => timers.set(0, "endless", due, 1_000));
    assert.isAtMost(fired.length, 2 * (fineNs / 1_000) + 1);
    timers.cancelAll(0);
  });

  it("of one millisecond take one turn; one that is cancelled in it does not fire", async () => {
    const { clock, timers, turns } = start();
    const at = (Math.floor(clock.now() / 1e6) + 20) * 1e6;
    timers.set(1, "second", at, 400_000);
    timers.set(0, "first", at, 200_000);
    timers.set(2, "third", at, 600_000);
    timers.cancel(2, "third");
    await sleep(60);
    assert.deepStrictEqual(turns, [["0 first", "1 second"]]);
  });
});

describe("Lamport's clock", () => {
  it("is ahead of all that was heard, and never behind the run's clock", async () => {
    const run = new RunClock();
    const clock = new LamportClock(run);
    clock.tick(0);
    const first = clock.now;
    clock.tick(first + 1_000_000);
    assert.strictEqual(clock.now, first + 1_000_001);
    const another = new LamportClock(run);
    await sleep(5);
    another.tick(0);
    assert.isAtLeast(another.now, 4_000);
  });

  it("refuses to be driven to where numbers end", () => {
    const clock = new LamportClock(new RunClock());
    assert.isTrue(clock.admits(1_000_000));
    assert.isFalse(clock.admits(Number.MAX_SAFE_INTEGER - 1));
  });
});
