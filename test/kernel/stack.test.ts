// What is seen of a CPU from outside: the stacks of its tasks, who is busy, and how many are where.
import fc from "fast-check";
import { assert, describe, it } from "vitest";
import { pathsOf } from "../../shared/kernel/callGraph.ts";
import type { CpuLife } from "../../shared/kernel/cpuLife.ts";
import { stackOf } from "../../shared/kernel/stack.ts";
import { inKernel } from "../../shared/kernel/task.ts";
import { callOf, constant, lifeAt, machineOf, runUntil, someWorkload, workloadOf } from "./lives.ts";

const kernel = machineOf(workloadOf({ calls: [callOf({ name: "read", cpuNs: constant(1_000_000) })] }));

/** The stack of the one task, from one kernel entry to the return to user mode. */
const stacksOfOneCall = (): Array<readonly string[]> => {
  const cpu = lifeAt(kernel, 0);
  const task = cpu.tasks[0] as CpuLife["tasks"][number];
  runUntil(kernel, cpu, () => task.mode === "user", 2_000);
  runUntil(kernel, cpu, () => task.mode === "kernel", 2_000);
  const stacks: Array<readonly string[]> = [];
  while (task.mode === "kernel") {
    stacks.push(stackOf(task, kernel.program));
    kernel.life.advance(cpu, cpu.now + 2_000);
  }
  return stacks;
};

describe("a kernel stack", () => {
  const stacks = stacksOfOneCall();
  const deepest = stacks.reduce((deep, stack) => (stack.length > deep.length ? stack : deep));

  it("is entered frame by frame down a path of the call graph, and left the same way", () => {
    assert.include(
      pathsOf("read").map(({ functions }) => functions.join(" ")),
      deepest.join(" "),
    );
    assert.deepStrictEqual(stacks[0], deepest.slice(0, 1));
    assert.deepStrictEqual(stacks.at(-1), deepest.slice(0, 1));
    const turn = stacks.indexOf(deepest);
    stacks.forEach((stack, index) => {
      assert.deepStrictEqual(stack, deepest.slice(0, stack.length));
      const step = stack.length - (stacks[index - 1] ?? stack).length;
      assert.isTrue(index <= turn ? step === 0 || step === 1 : step === 0 || step === -1);
    });
  });

  it("of a sleeper is the whole path", () => {
    const machine = machineOf(
      workloadOf({ calls: [callOf({ name: "fsync", sleep: { probability: 1, kind: "uninterruptible", ns: constant(50_000) } })] }),
    );
    const cpu = lifeAt(machine, 0);
    const task = cpu.tasks[0] as CpuLife["tasks"][number];
    runUntil(machine, cpu, () => task.mode === "disk");
    assert.deepStrictEqual(stackOf(task, machine.program), pathsOf("fsync")[task.path]?.functions);
  });
});

describe("who is busy", () => {
  it("is everybody in the kernel, by name, with a function of the path that it is on", () => {
    fc.assert(
      fc.property(someWorkload, fc.nat(), fc.nat(1_000_000), (workload, seed, at) => {
        const machine = machineOf(workload);
        const cpu = lifeAt(machine, at, seed);
        const inside = cpu.tasks.flatMap((task, index) => (inKernel(task) ? [{ task, name: machine.program.tasks[index]?.name }] : []));
        const busy = machine.life.busy(cpu);
        assert.deepStrictEqual(
          busy.map(({ task }) => task),
          inside.map(({ name }) => name),
        );
        busy.forEach((blocker, index) => {
          const { task } = inside[index] as (typeof inside)[number];
          assert.include(stackOf(task, machine.program), blocker.function);
        });
      }),
    );
  });

  it("has a name of its own on its CPU", () => {
    const { program } = machineOf(
      workloadOf({
        name: "web",
        tasksPerCpu: 2,
        kthreads: [
          { name: "kworker", perCpu: 2, idleNs: constant(1), workNs: constant(1) },
          { name: "ksoftirqd", perCpu: 1, idleNs: constant(1), workNs: constant(1) },
        ],
      }),
    );
    assert.deepStrictEqual(
      program.tasks.map(({ name }) => name),
      ["web-0", "web-1", "kworker-0", "kworker-1", "ksoftirqd-0"],
    );
  });

  it("is whoever spins for another CPU too, though it was in user mode", () => {
    const cpu = lifeAt(kernel, 0);
    runUntil(kernel, cpu, ({ tasks }) => tasks[0]?.mode === "user");
    assert.deepStrictEqual(kernel.life.busy(cpu), []);
    kernel.life.spin(cpu, true);
    assert.deepStrictEqual(
      kernel.life.busy(cpu).map(({ why }) => why),
      ["waiting for another CPU"],
    );
    assert.strictEqual(kernel.life.census(cpu).inKernel, 1);
    kernel.life.spin(cpu, false);
    assert.deepStrictEqual(kernel.life.busy(cpu), []);
  });
});

describe("the census", () => {
  it("counts every task once, wherever it is", () => {
    fc.assert(
      fc.property(someWorkload, fc.nat(), fc.nat(1_000_000), fc.boolean(), (workload, seed, at, held) => {
        const machine = machineOf(workload);
        const cpu = lifeAt(machine, at, seed);
        if (held) machine.life.hold(cpu, "all");
        const { inKernel: users, unsafe, held: out } = machine.life.census(cpu);
        const inside = cpu.tasks.filter(inKernel).length;
        assert.strictEqual(users + unsafe, inside);
        assert.strictEqual(out, held ? cpu.tasks.length - inside : 0);
      }),
    );
  });
});
