// Interrupt handlers during an operation: whose version they run, and that tasks do what they do without them.
import { assert, describe, it } from "vitest";
import type { Switches } from "../../shared/kernel/life.ts";
import type { TimedOptions } from "../../shared/kernel/timed.ts";
import { check, constant, hybrid, kgraft, lifeAt, machineWith, noPolicy, tickNs, workloadOf } from "./lives.ts";

/** Functions that only handlers call: all interrupts, a thousand a second, run through one way or another of them. */
const handlers = [["asm_common_interrupt", "asm_sysvec_apic_timer_interrupt", "asm_sysvec_reschedule_ipi"]];
const msNs = 1_000_000;

/** A CPU whose one task computes, or that has none, asked at half a millisecond to switch. */
const toldAt = (options: Partial<TimedOptions>, tasksPerCpu: number, at: number, perSecond = 1_000): Switches => {
  const userNs = constant(500 * msNs);
  const machine = machineWith(workloadOf({ tasksPerCpu, userNs, irqsOff: { perSecond, ns: constant(0) } }), options);
  const cpu = lifeAt(machine, 0);
  for (const task of cpu.tasks) Object.assign(task, { mode: "user", call: -1, left: 500 * msNs });
  Object.assign(cpu, { running: -1, sliceEndsAt: 0 });
  machine.life.advance(cpu, msNs / 2);
  machine.life.aim(cpu, check);
  machine.life.advance(cpu, at);
  return machine.life.switches(cpu);
};

describe("where handlers go by a flag of their CPU", () => {
  const byFlag = { ...kgraft, batches: handlers, gradual: { ...noPolicy, interrupts: "cpu" as const } };

  it("the flag turns when tasks are first asked to switch, and never runs the outgoing version again", () => {
    const { flag, outgoingUntil, incomingFrom, count } = toldAt(byFlag, 1, 3 * msNs);
    assert.deepStrictEqual({ flag, outgoingUntil, count }, { flag: { version: 1, turns: 1 }, outgoingUntil: null, count: 0 });
    assert.isAbove(incomingFrom ?? 0, msNs / 2);
    assert.isAtMost(incomingFrom ?? Infinity, 1.5 * msNs);
  });

  it("it turns once for each direction, however often tasks are asked", () => {
    const machine = machineWith(workloadOf({}), byFlag);
    const cpu = lifeAt(machine, 1_000);
    const turnsAt = (target: number): number => {
      machine.life.aim(cpu, { ...check, target });
      return machine.life.switches(cpu).flag?.turns ?? -1;
    };
    assert.deepStrictEqual([1, 1, 0, 0, 1].map(turnsAt), [1, 1, 2, 2, 3]);
  });
});

describe("where handlers follow the task that they interrupt", () => {
  const byTask = { ...hybrid, batches: handlers, gradual: { ...noPolicy, idle: true, tick: true } };

  it("they run the outgoing version until it switches, at its next tick, and the incoming one from there", () => {
    const soon = toldAt(byTask, 1, tickNs - 1, 100_000);
    assert.deepInclude(soon, { flag: null, incomingFrom: null });
    assert.isAtLeast(soon.outgoingUntil ?? 0, tickNs - 10_000);
    const later = toldAt(byTask, 1, 3 * tickNs, 100_000);
    assert.isAtMost(later.outgoingUntil ?? Infinity, later.lastAt ?? 0);
    assert.isAtLeast(later.incomingFrom ?? 0, later.lastAt ?? Infinity);
    assert.isAtMost(later.incomingFrom ?? Infinity, (later.lastAt ?? 0) + 10_000);
  });

  it("on an idle CPU they follow the idle task, which has switched by the first of them", () => {
    const idle = toldAt(byTask, 0, 3 * msNs);
    assert.strictEqual(idle.outgoingUntil, null);
    assert.isAbove(idle.incomingFrom ?? 0, msNs / 2);
    assert.isAtMost(idle.incomingFrom ?? Infinity, 1.5 * msNs);
  });

  it("over a gap that was leapt over they are told of as the average has it", () => {
    const { outgoingUntil, incomingFrom } = toldAt(byTask, 0, 3_600e9);
    assert.strictEqual(outgoingUntil, null);
    assert.isAtMost(incomingFrom ?? Infinity, 2 * msNs);
  });
});

describe("where functions switch by themselves", () => {
  it("handlers run what each function is", () => {
    const immediate: Partial<TimedOptions> = { leave: "function", switches: "function", gradual: noPolicy };
    const machine = machineWith(workloadOf({ irqsOff: { perSecond: 1_000, ns: constant(0) } }), {
      ...immediate,
      batches: [["asm_common_interrupt", "asm_sysvec_apic_timer_interrupt", "asm_sysvec_reschedule_ipi"], ["vfs_read"]],
    });
    const cpu = lifeAt(machine, 1_000);
    machine.life.redirect(cpu, 1, { target: 1, from: 0 });
    machine.life.advance(cpu, 10 * msNs);
    machine.life.redirect(cpu, 0, { target: 1, from: 0 });
    machine.life.advance(cpu, 20 * msNs);
    const { outgoingUntil, incomingFrom } = machine.life.switches(cpu);
    assert.isAtMost(outgoingUntil ?? Infinity, 10 * msNs);
    assert.isAbove(outgoingUntil ?? 0, 9 * msNs);
    assert.isAbove(incomingFrom ?? 0, 10 * msNs);
  });
});

describe("a patch that no handler calls", () => {
  it("is told of as if there were no interrupts", () => {
    for (const options of [kgraft, hybrid]) {
      const batches = [["vfs_read"]];
      assert.deepStrictEqual(toldAt({ ...options, batches }, 1, 10 * msNs), toldAt({ ...options, batches }, 1, 10 * msNs, 0));
    }
  });
});
