// Whatever the workload: a transition switches everyone once, mixes no versions within a call, and goes by as it would unobserved.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { CpuLife } from "../../shared/kernel/cpuLife.ts";
import { check, hybrid, kgraft, lifeAt, type Machine, machineWith, signal, someWorkload } from "./lives.ts";

/** Rounds on a grid until nobody is pending, or for long enough; every third one signals. Returns how many are pending. */
const bringOver = ({ life }: Machine, cpu: CpuLife, gridNs: number): number => {
  for (let round = 1; ; round++) {
    life.aim(cpu, round % 3 === 0 ? signal : check);
    const { length } = life.pending(cpu);
    if (length === 0 || round === 200) return length;
    life.advance(cpu, cpu.now + gridNs);
  }
};

const someModel = fc.constantFrom(hybrid, kgraft, {
  ...hybrid,
  gradual: { idle: true, tick: false, wakes: false, condResched: true, interrupts: "task" as const },
});
const batches = [
  ["vfs_read", "filemap_read", "ext4_sync_file"],
  ["do_epoll_wait", "process_one_work"],
];

describe("whatever the workload", () => {
  it("every task switches once, none in a patched function, and no call runs both versions", () => {
    const someGrid = fc.constantFrom(300_000, 100_000_000);
    fc.assert(
      fc.property(someWorkload, someModel, fc.nat(), fc.nat(2_000_000), someGrid, (workload, model, seed, at, gridNs) => {
        const machine = machineWith(workload, { ...model, batches });
        const cpu = lifeAt(machine, at, seed);
        const pending = bringOver(machine, cpu, gridNs);
        // Whoever wakes in the kernel goes first and gets a whole slice: a kernel thread, or one task of several, may starve the others.
        const isAlone = workload.kthreads.length === 0 && workload.tasksPerCpu < 2;
        if (isAlone) assert.strictEqual(pending, 0);
        machine.life.advance(cpu, cpu.now + 1e6);
        const tasks = cpu.tasks.length + (model.gradual?.idle === true ? 1 : 0);
        const result = machine.life.switches(cpu);
        assert.deepInclude(result, { forced: 0, onStackCount: 0, mixed: 0 });
        assert.strictEqual(result.count + machine.life.pending(cpu).length, tasks);
      }),
    );
  });

  it("a transition is the same in one piece as in two, as long as neither is leapt over", () => {
    const rates = { fails: 0.3, misses: 0.3, stale: 0.3 };
    fc.assert(
      fc.property(someWorkload, someModel, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (workload, model, seed, share) => {
        const machine = machineWith(workload, { ...model, batches, stackReader: rates });
        const [whole, split] = [lifeAt(machine, 1_000, seed), lifeAt(machine, 1_000, seed)];
        for (const cpu of [whole, split]) machine.life.aim(cpu, check);
        const end = 1_000 + Math.floor(machine.program.forgottenAfterNs);
        machine.life.advance(whole, end);
        machine.life.advance(split, 1_000 + Math.floor(share * (end - 1_000)));
        machine.life.advance(split, end);
        assert.deepStrictEqual(machine.life.pending(split), machine.life.pending(whole));
        assert.deepStrictEqual(machine.life.switches(split), machine.life.switches(whole));
        assert.deepStrictEqual(split, whole);
      }),
    );
  });
});
