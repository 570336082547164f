// Holding everybody outside the kernel: when it is done, who was last, and what becomes of a call that was interrupted for it.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { CpuLife } from "../../shared/kernel/cpuLife.ts";
import { inKernel } from "../../shared/kernel/task.ts";
import { callOf, constant, lifeAt, machineOf, runUntil, someWorkload, workloadOf } from "./lives.ts";

const userMode = fc.constantFrom("park", "gate");
const pass = fc.constantFrom("sleepers", "all");

/** The one task of a life of one task. */
const only = (cpu: CpuLife) => {
  assert.lengthOf(cpu.tasks, 1);
  return cpu.tasks[0] as CpuLife["tasks"][number];
};

const sleepCall = (kind: "interruptible" | "uninterruptible", ns: number, restarts: boolean) =>
  workloadOf({ calls: [callOf({ name: "fsync", restarts, sleep: { probability: 1, kind, ns: constant(ns) } })] });

describe("the outlook of a gather", () => {
  it("tells exactly when everyone is held", () => {
    fc.assert(
      fc.property(someWorkload, userMode, pass, fc.nat(), fc.nat(2_000_000), (workload, mode, which, seed, at) => {
        const machine = machineOf(workload, mode);
        const { life } = machine;
        const cpu = lifeAt(machine, at, seed);
        life.hold(cpu, which);
        const { heldAt, last } = life.outlook(cpu);
        assert.isBelow(heldAt, Infinity);
        assert.strictEqual(last === undefined, heldAt === at);
        if (heldAt > at + 1) {
          life.advance(cpu, heldAt - 1);
          assert.strictEqual(life.outlook(cpu).heldAt, heldAt);
        }
        life.advance(cpu, heldAt);
        assert.deepStrictEqual(life.outlook(cpu), { heldAt, last: undefined });
        if (which === "all") assert.deepStrictEqual(life.busy(cpu), []);
        else for (const task of cpu.tasks) assert.isFalse(task.signalled && inKernel(task));
      }),
    );
  });

  it("holds: whoever is out stays out, and no kernel is entered, until they are let go", () => {
    fc.assert(
      fc.property(someWorkload, userMode, fc.nat(), fc.nat(2_000_000), fc.nat(1e9), (workload, mode, seed, at, wait) => {
        const machine = machineOf(workload, mode);
        const { life } = machine;
        const cpu = lifeAt(machine, at, seed);
        life.hold(cpu, "all");
        const before = life.census(cpu);
        life.advance(cpu, life.outlook(cpu).heldAt + wait);
        const after = life.census(cpu);
        assert.deepInclude(after, { inKernel: 0, unsafe: 0, entries: before.entries, version: 0 });
        if (mode === "park") assert.strictEqual(after.held, cpu.tasks.length);
      }),
    );
  });

  it("changes nothing: a life that was asked goes on as one that was not", () => {
    fc.assert(
      fc.property(someWorkload, pass, fc.nat(), fc.nat(1_000_000), (workload, which, seed, at) => {
        const machine = machineOf(workload);
        const [asked, other] = [lifeAt(machine, at, seed), lifeAt(machine, at, seed)];
        for (const cpu of [asked, other]) machine.life.hold(cpu, which);
        machine.life.outlook(asked);
        assert.deepStrictEqual(asked, other);
      }),
    );
  });

  it("names the task that will be out last", () => {
    fc.assert(
      fc.property(someWorkload, fc.nat(), fc.nat(1_000_000), (workload, seed, at) => {
        const machine = machineOf(workload);
        const cpu = lifeAt(machine, at, seed);
        machine.life.hold(cpu, "all");
        const { heldAt, last } = machine.life.outlook(cpu);
        fc.pre(last !== undefined && heldAt > at + 1);
        machine.life.advance(cpu, heldAt - 1);
        assert.include(
          machine.life.busy(cpu).map(({ task }) => task),
          last?.task,
        );
      }),
    );
  });

  it("is a mistake to ask for when nobody is being held", () => {
    const machine = machineOf(workloadOf({ calls: [callOf({})] }));
    assert.throws(() => machine.life.outlook(lifeAt(machine, 0)), "nobody is being held");
  });

  it("has no end while the CPU spins for another one, and names who spins", () => {
    const machine = machineOf(workloadOf({ calls: [callOf({})] }));
    const cpu = lifeAt(machine, 0);
    machine.life.spin(cpu, true);
    machine.life.hold(cpu, "all");
    const { heldAt, last } = machine.life.outlook(cpu);
    assert.strictEqual(heldAt, Infinity);
    assert.deepInclude(last, { task: "test-0", why: "waiting for another CPU" });
  });

  it("names a task that sleeps uninterruptibly for ever, which is never held", () => {
    const machine = machineOf(sleepCall("uninterruptible", 1e15, true));
    const cpu = lifeAt(machine, 0);
    runUntil(machine, cpu, () => only(cpu).mode === "disk");
    machine.life.hold(cpu, "all");
    const { heldAt, last } = machine.life.outlook(cpu);
    assert.isAbove(heldAt, 1e14);
    assert.deepInclude(last, { task: "test-0", why: "uninterruptible sleep" });
    machine.life.advance(cpu, 1e14);
    assert.strictEqual(machine.life.census(cpu).held, 0);
  });
});

describe("user mode", () => {
  const machines = { park: machineOf(workloadOf({ calls: [callOf({})] })), gate: machineOf(workloadOf({ calls: [callOf({})] }), "gate") };

  it("park stops a task where it computes, and it goes on from there", () => {
    const cpu = lifeAt(machines.park, 0);
    runUntil(machines.park, cpu, () => only(cpu).mode === "user" && only(cpu).left > 3_000);
    const { left } = only(cpu);
    machines.park.life.hold(cpu, "all");
    machines.park.life.advance(cpu, cpu.now + 1e6);
    assert.deepInclude(only(cpu), { mode: "held", left });
    machines.park.life.release(cpu, 0);
    assert.deepInclude(only(cpu), { mode: "user", left });
  });

  it("gate lets a task compute on, and holds it as it enters the kernel", () => {
    const cpu = lifeAt(machines.gate, 0);
    runUntil(machines.gate, cpu, () => only(cpu).mode === "user" && only(cpu).left > 3_000);
    const { left } = only(cpu);
    const { entries } = cpu;
    machines.gate.life.hold(cpu, "all");
    assert.strictEqual(machines.gate.life.outlook(cpu).heldAt, cpu.now);
    machines.gate.life.advance(cpu, cpu.now + left - 1);
    assert.deepInclude(only(cpu), { mode: "user", left: 1 });
    machines.gate.life.advance(cpu, cpu.now + 1e6);
    assert.strictEqual(only(cpu).mode, "held");
    machines.gate.life.release(cpu, 1);
    machines.gate.life.advance(cpu, cpu.now + 1);
    assert.strictEqual(cpu.entries, entries + 1, "it enters the kernel first of all");
    assert.strictEqual(only(cpu).entered, 1);
  });
});

describe("a sleeper", () => {
  /** Catches the one task asleep, holds it, and lets it go after `waitNs`. */
  const interrupted = (restarts: boolean, waitNs: number) => {
    const machine = machineOf(sleepCall("interruptible", 1_000_000, restarts));
    const cpu = lifeAt(machine, 0);
    runUntil(machine, cpu, () => only(cpu).mode === "asleep" && only(cpu).wakeAt - cpu.now > 600_000);
    const { wakeAt } = only(cpu);
    machine.life.hold(cpu, "all");
    machine.life.advance(cpu, machine.life.outlook(cpu).heldAt);
    assert.strictEqual(only(cpu).mode, "held");
    machine.life.advance(cpu, cpu.now + waitNs);
    machine.life.release(cpu, 1);
    return { machine, cpu, wakeAt, releasedAt: cpu.now };
  };

  it("whose call restarts makes it again, for what was left of its sleep", () => {
    const { machine, cpu, wakeAt, releasedAt } = interrupted(true, 100_000);
    assert.deepInclude(only(cpu), { mode: "kernel", entered: 1, sleepNs: wakeAt - releasedAt });
    const way = only(cpu).left;
    machine.life.advance(cpu, releasedAt + way);
    assert.deepInclude(only(cpu), { mode: "asleep", wakeAt: wakeAt + way });
    assert.strictEqual(machine.life.census(cpu).interrupted, 0);
  });

  it("whose time has come meanwhile does not sleep again", () => {
    const { cpu } = interrupted(true, 2_000_000);
    assert.strictEqual(only(cpu).sleepNs, 1);
  });

  it("whose call does not restart is back in user mode with EINTR", () => {
    const { machine, cpu } = interrupted(false, 100_000);
    assert.strictEqual(only(cpu).mode, "user");
    assert.strictEqual(machine.life.census(cpu).interrupted, 1);
  });

  it("is interrupted once, though both passes ask for it", () => {
    const machine = machineOf(sleepCall("interruptible", 1_000_000, false));
    const cpu = lifeAt(machine, 0);
    runUntil(machine, cpu, () => only(cpu).mode === "asleep");
    machine.life.hold(cpu, "sleepers");
    machine.life.hold(cpu, "all");
    machine.life.advance(cpu, machine.life.outlook(cpu).heldAt);
    assert.strictEqual(machine.life.census(cpu).interrupted, 1);
  });

  it("that cannot be interrupted is waited for", () => {
    const machine = machineOf(sleepCall("uninterruptible", 1_000_000, true));
    const cpu = lifeAt(machine, 0);
    runUntil(machine, cpu, () => only(cpu).mode === "disk");
    const { wakeAt, afterSleep } = only(cpu);
    machine.life.hold(cpu, "all");
    assert.strictEqual(machine.life.outlook(cpu).heldAt, wakeAt + afterSleep);
  });
});

describe("a kernel thread", () => {
  const machine = machineOf(
    workloadOf({ tasksPerCpu: 0, kthreads: [{ name: "kworker", perCpu: 1, idleNs: constant(50_000), workNs: constant(20_000) }] }),
  );

  it("is held at its safe point, not before", () => {
    const cpu = lifeAt(machine, 0);
    runUntil(machine, cpu, () => only(cpu).mode === "kernel" && only(cpu).left > 5_000);
    const done = cpu.now + only(cpu).left;
    machine.life.hold(cpu, "all");
    assert.strictEqual(machine.life.outlook(cpu).heldAt, done);
    machine.life.advance(cpu, done - 1);
    assert.deepInclude(machine.life.census(cpu), { unsafe: 1, held: 0 });
    machine.life.advance(cpu, done);
    assert.deepInclude(machine.life.census(cpu), { unsafe: 0, held: 1 });
  });

  it("starts no work while it is held, and what was due at once when it is let go", () => {
    const cpu = lifeAt(machine, 0);
    runUntil(machine, cpu, () => only(cpu).mode === "safe");
    machine.life.hold(cpu, "all");
    machine.life.advance(cpu, cpu.now + 1e7);
    assert.strictEqual(only(cpu).mode, "safe");
    machine.life.release(cpu, 1);
    machine.life.advance(cpu, cpu.now + 1);
    assert.deepInclude(only(cpu), { mode: "kernel", entered: 1 });
  });

  it("works on through the first of two passes", () => {
    const cpu = lifeAt(machine, 0);
    runUntil(machine, cpu, () => only(cpu).mode === "kernel");
    machine.life.hold(cpu, "sleepers");
    assert.strictEqual(machine.life.outlook(cpu).heldAt, cpu.now);
  });
});

describe("letting go", () => {
  const machine = machineOf(workloadOf({ calls: [callOf({ name: "read", cpuNs: constant(40_000) })] }), "park", ["vfs_read"]);

  it("names the calls under way across a change of version, and the patched function on their stack", () => {
    const cpu = lifeAt(machine, 0);
    runUntil(machine, cpu, () => only(cpu).mode === "kernel" && machine.life.busy(cpu)[0]?.function === "vfs_read");
    machine.life.freeze(cpu);
    assert.deepStrictEqual(machine.life.release(cpu, 1), [{ task: "test-0", patched: "vfs_read" }]);
  });

  it("names none on the same version, and none when everybody was held", () => {
    const cpu = lifeAt(machine, 0);
    runUntil(machine, cpu, () => only(cpu).mode === "kernel");
    machine.life.freeze(cpu);
    assert.deepStrictEqual(machine.life.release(cpu, 0), []);
    machine.life.hold(cpu, "all");
    machine.life.advance(cpu, machine.life.outlook(cpu).heldAt);
    assert.deepStrictEqual(machine.life.release(cpu, 1), []);
  });

  it("may come before everybody is out: an interrupted call that restarts is made again as it reaches the boundary", () => {
    const machine = machineOf(sleepCall("interruptible", 1_000_000, true));
    const cpu = lifeAt(machine, 0);
    runUntil(machine, cpu, () => only(cpu).mode === "asleep" && only(cpu).wakeAt - cpu.now > 600_000);
    const { wakeAt } = only(cpu);
    machine.life.hold(cpu, "all");
    machine.life.release(cpu, 0);
    machine.life.advance(cpu, cpu.now + only(cpu).left);
    assert.deepInclude(only(cpu), { mode: "kernel", call: 0, sleepNs: wakeAt - cpu.now, restart: false });
  });

  it("lets everybody run as if nothing had been: nobody is held, and calls go on", () => {
    fc.assert(
      fc.property(someWorkload, userMode, pass, fc.nat(), fc.nat(1_000_000), fc.boolean(), (workload, mode, which, seed, at, early) => {
        const any = machineOf(workload, mode);
        const cpu = lifeAt(any, at, seed);
        any.life.hold(cpu, which);
        const { heldAt } = any.life.outlook(cpu);
        any.life.advance(cpu, early ? Math.floor((at + heldAt) / 2) : heldAt);
        any.life.freeze(cpu);
        any.life.release(cpu, 1);
        assert.isFalse(cpu.tasks.some((task) => task.mode === "held" || task.signalled));
        assert.strictEqual(any.life.census(cpu).held, 0);
        const { entries } = cpu;
        any.life.advance(cpu, cpu.now + 1e7);
        // A kernel thread that always works may leave no time for anybody.
        if (workload.tasksPerCpu > 0 && workload.kthreads.length === 0) assert.isAbove(cpu.entries, entries);
      }),
    );
  });
});

describe("time that user tasks are kept from running", () => {
  const heldNs = (machine: ReturnType<typeof machineOf>, cpu: CpuLife): number => machine.life.census(cpu).heldNs;

  it("runs from being held at the boundary to being let go, and adds up", () => {
    const machine = machineOf(workloadOf({ tasksPerCpu: 2, userNs: constant(1e12), calls: [callOf({})] }));
    const cpu = lifeAt(machine, 1_000);
    assert.strictEqual(heldNs(machine, cpu), 0);
    machine.life.hold(cpu, "all");
    machine.life.advance(cpu, 6_000);
    assert.strictEqual(heldNs(machine, cpu), 10_000, "held ones count up to now");
    machine.life.freeze(cpu);
    machine.life.advance(cpu, 8_000);
    machine.life.release(cpu, 1);
    machine.life.advance(cpu, 20_000);
    assert.strictEqual(heldNs(machine, cpu), 14_000);
    machine.life.freeze(cpu);
    machine.life.advance(cpu, 21_000);
    assert.strictEqual(heldNs(machine, cpu), 16_000, "a stopped CPU keeps whoever wants to run");
  });

  it("counts nobody who sleeps, and no kernel thread", () => {
    const kthreads = [{ name: "kworker", perCpu: 2, idleNs: constant(1e12), workNs: constant(1e12) }];
    const machine = machineOf({ ...sleepCall("uninterruptible", 1e15, true), kthreads });
    const cpu = lifeAt(machine, 0);
    assert.strictEqual(cpu.tasks[0]?.mode, "disk");
    machine.life.freeze(cpu);
    machine.life.advance(cpu, 1e6);
    assert.strictEqual(heldNs(machine, cpu), 0);
  });
});
