// A CPU's time goes by as it would without anybody looking: splitting it changes nothing, and nobody runs where nobody may.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import type { CpuLife } from "../../shared/kernel/cpuLife.ts";
import { callOf, constant, lifeAt, machineOf, someWorkload, tickNs, workloadOf } from "./lives.ts";

const computing = workloadOf({ userNs: constant(1e12), calls: [callOf({})] });

/** What moves when a task moves. */
const movement = ({ tasks, steps, entries, running }: CpuLife) => structuredClone({ tasks, steps, entries, running });

describe("time that goes by", () => {
  it("is the same in one piece as in two, as long as neither is leapt over", () => {
    fc.assert(
      fc.property(
        someWorkload,
        fc.nat(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom("open", "sleepers", "all"),
        (workload, seed, share, gate) => {
          const machine = machineOf(workload);
          const whole = lifeAt(machine, 0, seed);
          const split = lifeAt(machine, 0, seed);
          if (gate !== "open") for (const cpu of [whole, split]) machine.life.hold(cpu, gate);
          const end = Math.floor(machine.program.forgottenAfterNs);
          machine.life.advance(whole, end);
          machine.life.advance(split, Math.floor(share * end));
          machine.life.advance(split, end);
          assert.deepStrictEqual(split, whole);
        },
      ),
    );
  });

  it("does not go back", () => {
    const machine = machineOf(computing);
    const cpu = lifeAt(machine, 1_000);
    assert.throws(() => machine.life.advance(cpu, 999), "cannot go back");
  });

  it("moves nothing while the CPU is frozen, or spins for another one", () => {
    fc.assert(
      fc.property(someWorkload, fc.nat(), fc.nat(1_000_000), fc.boolean(), (workload, seed, at, frozen) => {
        const machine = machineOf(workload);
        const cpu = lifeAt(machine, at, seed);
        if (frozen) machine.life.freeze(cpu);
        else machine.life.spin(cpu, true);
        const before = movement(cpu);
        for (const gap of [1, 1_000, 1e6, 1e12]) machine.life.advance(cpu, cpu.now + gap);
        assert.deepStrictEqual(movement(cpu), before);
      }),
    );
  });

  it("draws nothing for a CPU that nobody has looked at", () => {
    const machine = machineOf(computing);
    const cpu = machine.life.boot({ a: 1, b: 2, c: 3, d: 4 }, 0, 0, 0);
    assert.deepStrictEqual([cpu.tasks, cpu.random], [[], { a: 1, b: 2, c: 3, d: 4 }]);
  });
});

describe("who runs", () => {
  it("tasks that compute share the CPU equally, a tick at a time", () => {
    const machine = machineOf({ ...computing, tasksPerCpu: 3 });
    const cpu = lifeAt(machine, 0);
    const before = cpu.tasks.map((task) => task.left);
    machine.life.hold(cpu, "sleepers");
    machine.life.advance(cpu, 30 * tickNs);
    assert.deepStrictEqual(
      cpu.tasks.map((task) => task.left),
      before.map((left) => left - 10 * tickNs),
    );
  });

  it("a task in the kernel goes before one in user mode", () => {
    const machine = machineOf(
      workloadOf({
        tasksPerCpu: 2,
        userNs: constant(1e12),
        calls: [callOf({ sleep: { probability: 1, kind: "uninterruptible", ns: constant(50_000) } })],
      }),
    );
    const cpu = lifeAt(machine, 0);
    const [computes, sleeps] = cpu.tasks;
    assert.isDefined(computes);
    assert.isDefined(sleeps);
    Object.assign(sleeps, { mode: "disk", call: 0, cpu: 4_000, afterSleep: 2_000, wakeAt: 10_000 });
    machine.life.hold(cpu, "sleepers");
    machine.life.advance(cpu, 10_000);
    assert.strictEqual(cpu.running, 0);
    machine.life.advance(cpu, 12_000);
    assert.deepStrictEqual([sleeps.mode, sleeps.left], ["user", 1e12]);
  });
});

describe("a gap longer than any memory", () => {
  const sleeping = workloadOf({
    tasksPerCpu: 8,
    userNs: constant(100),
    calls: [callOf({ cpuNs: constant(100), sleep: { probability: 0.5, kind: "interruptible", ns: { kind: "exponential", meanNs: 1e9 } } })],
  });

  it("keeps sleepers that sleep on, and meets everybody else in mid-work again", () => {
    const machine = machineOf(sleeping);
    const gap = 2 * machine.program.forgottenAfterNs;
    let [kept, met] = [0, 0];
    for (let seed = 0; seed < 50; seed++) {
      const cpu = lifeAt(machine, 0, seed);
      const before = structuredClone(cpu.tasks);
      machine.life.advance(cpu, gap);
      cpu.tasks.forEach((task, index) => {
        const then = before[index];
        if (then?.mode === "asleep" && then.wakeAt > gap) {
          assert.deepStrictEqual(task, then);
          kept++;
        } else met++;
      });
    }
    assert.isAbove(kept, 100);
    assert.isAbove(met, 0);
  });

  it("is never leapt over while somebody is being held", () => {
    const machine = machineOf(sleeping);
    const cpu = lifeAt(machine, 0);
    machine.life.hold(cpu, "all");
    const { heldAt } = machine.life.outlook(cpu);
    machine.life.advance(cpu, heldAt);
    const before = movement(cpu);
    machine.life.advance(cpu, heldAt + 100 * machine.program.forgottenAfterNs);
    assert.deepStrictEqual(movement(cpu), before);
  });

  it("counts the calls that were made in it, about", () => {
    const machine = machineOf(workloadOf({ userNs: constant(6_000), calls: [callOf({ cpuNs: constant(4_000) })] }));
    const cpu = lifeAt(machine, 0);
    machine.life.advance(cpu, 1e10);
    assert.closeTo(machine.life.census(cpu).entries, 1e6, 1e3);
  });
});

describe("sections with interrupts off", () => {
  const machine = machineOf(
    workloadOf({ calls: [callOf({})], irqsOff: { perSecond: 10_000, ns: { kind: "exponential", meanNs: 20_000 } } }),
  );

  it("are met for their share of time", () => {
    const cpu = lifeAt(machine, 0);
    let off = 0;
    for (let i = 1; i <= 20_000; i++) if (machine.life.interruptsOnAt(cpu, i * 1e6) > i * 1e6) off++;
    assert.closeTo(off / 20_000, 0.2, 0.01);
  });

  it("end when they said, however often one asks, and are over then", () => {
    const cpu = lifeAt(machine, 0);
    let at = 1;
    while (machine.life.interruptsOnAt(cpu, at) === at) at += 1e6;
    const end = machine.life.interruptsOnAt(cpu, at);
    assert.strictEqual(machine.life.interruptsOnAt(cpu, at), end);
    assert.strictEqual(machine.life.interruptsOnAt(cpu, Math.floor((at + end) / 2)), end);
    while (machine.life.interruptsOnAt(cpu, at) > at) at = machine.life.interruptsOnAt(cpu, at) + 1;
    assert.isAbove(at, end);
  });

  it("delay nobody on a CPU that is frozen", () => {
    const cpu = lifeAt(machine, 0);
    machine.life.freeze(cpu);
    for (let at = 1; at < 1e9; at += 1e6) assert.strictEqual(machine.life.interruptsOnAt(cpu, at), at);
  });
});
