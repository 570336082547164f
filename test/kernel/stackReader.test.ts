// Readers of stacks and their errors: what each sees of a stack, what it takes that for, and what then happens to a switch.
import { assert, describe, it } from "vitest";
import type { CpuLife } from "../../shared/kernel/cpuLife.ts";
import type { Task } from "../../shared/kernel/task.ts";
import type { TimedOptions } from "../../shared/kernel/timed.ts";
import { callOf, check, lifeAt, type Machine, machineWith, noPolicy, workloadOf } from "./lives.ts";

type Reader = NonNullable<TimedOptions["check"]>["reader"];
type Rates = TimedOptions["stackReader"];

const noErrors: Rates = { fails: 0, misses: 0, stale: 0 };

/** A CPU whose one task sleeps in `read`, the third of whose seven functions is patched; or is elsewhere. */
const cpuReadBy = (
  reader: Reader,
  rates: Partial<Rates>,
  options: Partial<TimedOptions> = {},
  state: Partial<Task> = { mode: "asleep", wakeAt: 1e15, afterSleep: 7_000 },
  seed = 1,
): { machine: Machine; cpu: CpuLife } => {
  const machine = machineWith(workloadOf({ calls: [callOf({ name: "read" })] }), {
    leave: "patched-set",
    check: { reader, forced: false },
    batches: [["vfs_read"]],
    stackReader: { ...noErrors, ...rates },
    ...options,
  });
  const cpu = lifeAt(machine, 0, seed);
  Object.assign(cpu.tasks[0] as Task, { left: 0, afterSleep: 0, sleepNs: 0, path: 0, call: 0, cpu: 14_000, leaving: false }, state);
  return { machine, cpu };
};

/** The share of seeds under which the reader finds something against the task. */
const shareBusy = (...[reader, rates, options, state]: Parameters<typeof cpuReadBy>): number => {
  let busy = 0;
  for (let seed = 0; seed < 1_000; seed++) {
    const { machine, cpu } = cpuReadBy(reader, rates, options, state, seed);
    busy += machine.life.busy(cpu).length;
  }
  return busy / 1_000;
};

const readers: readonly Reader[] = ["reliable", "best-effort", "words"];
const gradually: Partial<TimedOptions> = { switches: "task", gradual: noPolicy };

describe("every reader", () => {
  it("without errors names the patched function on a stack, and nothing against a task that has none there", () => {
    for (const reader of readers) {
      const { machine, cpu } = cpuReadBy(reader, {});
      assert.deepStrictEqual(machine.life.busy(cpu), [{ task: "test-0", function: "vfs_read", why: "patched function on its stack" }]);
      const states: ReadonlyArray<Partial<Task>> = [
        { mode: "user", left: 5_000 },
        { mode: "kernel", left: 12_500 },
        { mode: "kernel", left: 1_000, leaving: true },
      ];
      for (const state of states) {
        const away = cpuReadBy(reader, {}, {}, state);
        assert.deepStrictEqual([away.machine.life.busy(away.cpu), away.machine.life.census(away.cpu).onStack], [[], 0]);
      }
    }
  });

  it("passes over functions that the patch marks as forced, where the model honours that; and they count for no stack", () => {
    for (const honours of [true, false]) {
      const { machine, cpu } = cpuReadBy("reliable", {}, { forced: ["vfs_read"], check: { reader: "reliable", forced: honours } });
      assert.lengthOf(machine.life.busy(cpu), honours ? 0 : 1);
      assert.strictEqual(machine.life.census(cpu).onStack, 0);
      machine.life.freeze(cpu);
      assert.deepStrictEqual(machine.life.release(cpu, 1), [{ task: "test-0", patched: null }]);
    }
  });

  it("takes a task that is held outside for off its stack, but a scan of words sees by which function it will call again", () => {
    const held: Partial<Task> = { mode: "held", restart: true };
    for (const reader of readers) {
      const busy = ([of, state]: readonly [string, Partial<Task>]): readonly string[] => {
        const { machine, cpu } = cpuReadBy(reader, {}, { batches: [[of]] }, state);
        return machine.life.busy(cpu).map((blocker) => blocker.function);
      };
      assert.deepStrictEqual(busy(["__x64_sys_read", held]), reader === "words" ? ["__x64_sys_read"] : []);
      assert.deepStrictEqual(busy(["vfs_read", held]), []);
      assert.deepStrictEqual(busy(["__x64_sys_read", { ...held, restart: false }]), []);
    }
  });

  it("looks only for the batch that is asked for", () => {
    const batches = [["vfs_read"], ["vfs_write"]];
    for (const batch of [0, 1]) {
      const { machine, cpu } = cpuReadBy("reliable", {}, { ...gradually, batches });
      machine.life.aim(cpu, { ...check, batch });
      assert.lengthOf(machine.life.pending(cpu), batch === 0 ? 1 : 0);
    }
  });

  it("draws the same errors from the same seed", () => {
    const verdicts = [0, 1].map(() => {
      const { machine, cpu } = cpuReadBy("reliable", { fails: 0.5 }, gradually, undefined, 5);
      return Array.from({ length: 20 }, (_, round) => {
        machine.life.advance(cpu, round * 1e9);
        machine.life.aim(cpu, check);
        return machine.life.pending(cpu)[0]?.why;
      });
    });
    assert.deepStrictEqual(verdicts[0], verdicts[1]);
    assert.sameMembers([...new Set(verdicts[0])], ["stack not reliable", "patched function on its stack"]);
  });

  it("is needed where the patched set must be left", () => {
    assert.throws(() => cpuReadBy("words", {}, { check: null }), "needs a way to check stacks");
    assert.throws(() => cpuReadBy("words", {}, { switches: "task" }), "needs policies");
  });
});

describe("an unwind that stops short", () => {
  it("means not now to a reader that knows, and the task stays where it is", () => {
    const { machine, cpu } = cpuReadBy("reliable", { fails: 1 }, { ...gradually, batches: [["vfs_write"]] });
    machine.life.aim(cpu, check);
    assert.deepStrictEqual(machine.life.pending(cpu), [{ task: "test-0", function: "filemap_get_pages", why: "stack not reliable" }]);
    assert.strictEqual(machine.life.switches(cpu).count, 0);
  });

  it("is taken for the whole stack by one that does its best: what was not read is not there", () => {
    // Seven frames, of which none to six are read from the innermost outward; the third from outside is among five or six.
    assert.closeTo(shareBusy("best-effort", { fails: 1 }), 2 / 7, 0.05);
  });

  it("happens as often as it is said to", () => {
    assert.closeTo(shareBusy("reliable", { fails: 0.2 }, { batches: [["vfs_write"]] }), 0.2, 0.04);
  });
});

describe("a frame that is left out", () => {
  it("goes unnoticed: the task switches in the midst of a patched function, and that is counted", () => {
    const { machine, cpu } = cpuReadBy("reliable", { misses: 1 }, gradually);
    machine.life.aim(cpu, check);
    assert.deepStrictEqual(machine.life.pending(cpu), []);
    const onStack = [{ task: "test-0", patched: "vfs_read" }];
    assert.deepInclude(machine.life.switches(cpu), { count: 1, inKernel: 1, onStack, onStackCount: 1 });
    assert.strictEqual(machine.life.census(cpu).onStack, 1, "the census knows what the reader does not");
  });

  it("is as rare as it is said to be, for either unwinder", () => {
    for (const reader of ["reliable", "best-effort"] as const) assert.closeTo(shareBusy(reader, { misses: 0.3 }), 0.7, 0.05);
  });
});

describe("a scan of every word", () => {
  it("misses nothing, whatever an unwinder would", () => {
    assert.strictEqual(shareBusy("words", { fails: 1, misses: 1 }), 1);
  });

  it("may take what a returned function left behind for a frame: a conflict that is none", () => {
    const onTheWayBack: Partial<Task> = { mode: "kernel", left: 1_000, leaving: true };
    assert.closeTo(shareBusy("words", { stale: 0.25 }, {}, onTheWayBack), 0.25, 0.05);
    for (const reader of ["reliable", "best-effort"] as const) assert.strictEqual(shareBusy(reader, { stale: 1 }, {}, onTheWayBack), 0);
  });

  it("finds no stale word of a function that the call has not come to", () => {
    assert.strictEqual(shareBusy("words", { stale: 1 }, {}, { mode: "kernel", left: 12_500 }), 0);
  });
});

describe("leaving no more than the function", () => {
  it("finds nobody busy", () => {
    const { machine, cpu } = cpuReadBy("reliable", {}, { leave: "function" });
    assert.deepStrictEqual(machine.life.busy(cpu), []);
  });
});
