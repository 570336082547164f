// Tasks that switch one by one: where each may, what keeps it, and that no call runs two versions unless somebody forces it.
import { assert, describe, it } from "vitest";
import type { CpuLife } from "../../shared/kernel/cpuLife.ts";
import type { Blocker } from "../../shared/kernel/life.ts";
import type { Task } from "../../shared/kernel/task.ts";
import type { TimedOptions } from "../../shared/kernel/timed.ts";
import type { Workload } from "../../shared/kernel/workload.ts";
import { stream } from "../../shared/machine/random.ts";
import {
  callOf,
  check,
  constant,
  hybrid,
  kgraft,
  lifeAt,
  type Machine,
  machineWith,
  noPolicy,
  signal,
  tickNs,
  workloadOf,
} from "./lives.ts";

/** A CPU whose tasks are put where the test wants them, at 0. `read` has its patched function third of seven. */
const cpuWith = (
  options: Partial<TimedOptions>,
  states: ReadonlyArray<Partial<Task>>,
  changes: Partial<Workload> = {},
): { machine: Machine; cpu: CpuLife; tasks: readonly Task[] } => {
  const kthreads = changes.kthreads ?? [];
  const tasksPerCpu = states.length - kthreads.reduce((sum, { perCpu }) => sum + perCpu, 0);
  const machine = machineWith(workloadOf({ calls: [callOf({ name: "read" })], tasksPerCpu, ...changes }), options);
  const cpu = lifeAt(machine, 0);
  Object.assign(cpu, { running: -1, sliceEndsAt: 0 });
  cpu.tasks.forEach((task, index) => {
    const blank = { left: 0, afterSleep: 0, sleepNs: 0, path: 0, call: task.thread < 0 ? 0 : -1, cpu: 14_000, leaving: false };
    Object.assign(task, blank, states[index]);
  });
  return { machine, cpu, tasks: cpu.tasks };
};

/** To the version that the first operation brings. */
const there = { target: 1, from: 0 };

const computing = (left: number): Partial<Task> => ({ mode: "user", call: -1, left });
const asleep = (wakeAt: number): Partial<Task> => ({ mode: "asleep", wakeAt, afterSleep: 7_000 });
const onDisk = (wakeAt: number): Partial<Task> => ({ mode: "disk", wakeAt, afterSleep: 7_000 });
/** On its way down or up `read`, with this much of its 14 us left: one function each us. */
const inRead = (left: number): Partial<Task> => ({ mode: "kernel", left });

const sleepingRead = (restarts: boolean): Partial<Workload> => ({
  calls: [callOf({ name: "read", restarts, sleep: { probability: 1, kind: "interruptible", ns: constant(1e9) } })],
});

const kworker: Partial<Workload> = {
  kthreads: [{ name: "kworker", perCpu: 1, idleNs: constant(50_000), workNs: constant(20_000) }],
};

const whysOf = ({ life }: Machine, cpu: CpuLife): readonly string[] => life.pending(cpu).map(({ why }) => why);

describe("a task in user mode", () => {
  it("switches at its next tick where the tick is a way out", () => {
    const { machine, cpu } = cpuWith(hybrid, [computing(10 * tickNs)]);
    machine.life.advance(cpu, 1_000);
    machine.life.aim(cpu, check);
    assert.deepStrictEqual(machine.life.pending(cpu), [{ task: "test-0", function: "user mode", why: "running" }]);
    machine.life.advance(cpu, 3 * tickNs);
    assert.deepStrictEqual(machine.life.pending(cpu), []);
    assert.deepInclude(machine.life.switches(cpu), { count: 1, inKernel: 0, firstAt: tickNs, lastAt: tickNs });
  });

  it("switches as it next enters the kernel where that must be left", () => {
    const { machine, cpu } = cpuWith(kgraft, [computing(10 * tickNs)]);
    machine.life.aim(cpu, check);
    machine.life.advance(cpu, 10 * tickNs - 1);
    assert.deepStrictEqual(whysOf(machine, cpu), ["running"]);
    machine.life.advance(cpu, 10 * tickNs);
    assert.deepInclude(machine.life.switches(cpu), { count: 1, inKernel: 0, firstAt: 10 * tickNs, mixed: 0 });
  });

  it("has no frames to look at when it does not run: it waits for the CPU, or the transition's own code is on it", () => {
    const waits = cpuWith(hybrid, [computing(5_000), computing(5_000)]);
    waits.machine.life.aim(waits.cpu, check);
    assert.lengthOf(waits.machine.life.pending(waits.cpu), 1);
    const caller = cpuWith(hybrid, [computing(5_000)]);
    caller.machine.life.aim(caller.cpu, { ...check, caller: true });
    assert.lengthOf(caller.machine.life.pending(caller.cpu), 0);
  });
});

describe("a task in the kernel", () => {
  it("switches as it leaves the kernel, and not while it runs there", () => {
    for (const model of [hybrid, kgraft]) {
      const { machine, cpu } = cpuWith(model, [inRead(9_000)]);
      machine.life.aim(cpu, check);
      machine.life.advance(cpu, 8_999);
      machine.life.aim(cpu, check);
      assert.lengthOf(machine.life.pending(cpu), 1);
      machine.life.advance(cpu, 9_000);
      assert.deepInclude(machine.life.switches(cpu), { count: 1, inKernel: 0, firstAt: 9_000, onStackCount: 0, outgoingUntil: 7_000 });
    }
  });

  it("checks its own stack where it offers to reschedule, and goes on in the new version", () => {
    const { machine, cpu } = cpuWith({ ...hybrid, gradual: { ...noPolicy, condResched: true } }, [inRead(13_000)]);
    machine.life.aim(cpu, check);
    assert.deepInclude(machine.life.switches(cpu), { count: 1, inKernel: 1, mixed: 0 });
    machine.life.advance(cpu, 7_000);
    assert.deepInclude(machine.life.switches(cpu), { outgoingUntil: null, incomingFrom: 1_000 });
  });

  it("that does not run is judged by its stack", () => {
    const { machine, cpu } = cpuWith(hybrid, [inRead(13_000), inRead(13_000), inRead(7_000)]);
    machine.life.aim(cpu, check);
    assert.deepStrictEqual(machine.life.pending(cpu), [
      { task: "test-0", function: "__x64_sys_read", why: "running" },
      { task: "test-2", function: "vfs_read", why: "patched function on its stack" },
    ]);
  });
});

describe("a sleeper", () => {
  it("with no patched function on its stack switches by a check; where the kernel must be left it is waited for", () => {
    const elsewhere = { batches: [["vfs_write"]] };
    const checked = cpuWith({ ...hybrid, ...elsewhere }, [asleep(1e9)]);
    checked.machine.life.aim(checked.cpu, check);
    assert.deepInclude(checked.machine.life.switches(checked.cpu), { count: 1, inKernel: 1, onStackCount: 0 });
    const waited = cpuWith({ ...kgraft, ...elsewhere }, [asleep(1e9)]);
    waited.machine.life.aim(waited.cpu, check);
    assert.deepStrictEqual(whysOf(waited.machine, waited.cpu), ["in the kernel"]);
  });

  it.each([true, false])("in a patched function is brought out by a signal, and goes on (its call restarts: %s)", (restarts) => {
    const { machine, cpu, tasks } = cpuWith(hybrid, [asleep(1e9)], sleepingRead(restarts));
    machine.life.aim(cpu, check);
    machine.life.advance(cpu, 1e6);
    machine.life.aim(cpu, check);
    const blocker = { task: "test-0", function: "vfs_read", why: "patched function on its stack" } as const;
    assert.deepStrictEqual(machine.life.pending(cpu), [blocker]);
    machine.life.aim(cpu, signal);
    machine.life.advance(cpu, 1e6 + 7_000);
    assert.deepInclude(machine.life.switches(cpu), { count: 1, inKernel: 0, onStackCount: 0, lastAt: 1e6 + 7_000 });
    assert.strictEqual(machine.life.census(cpu).interrupted, restarts ? 0 : 1);
    assert.deepInclude(tasks[0], restarts ? { mode: "kernel", entered: 1, signalled: false } : { mode: "user", signalled: false });
    assert.strictEqual(machine.life.census(cpu).held, 0);
  });

  it("that cannot be interrupted is not, and switches when it is out, though time was leapt over", () => {
    const { machine, cpu } = cpuWith(hybrid, [onDisk(3e9), onDisk(2e9)]);
    machine.life.aim(cpu, check);
    machine.life.aim(cpu, signal);
    machine.life.advance(cpu, 2e9 - 1);
    assert.lengthOf(machine.life.pending(cpu), 2);
    machine.life.advance(cpu, 4e9);
    assert.deepInclude(machine.life.switches(cpu), { count: 2, firstAt: 2e9 + 7_000, lastAt: 3e9 + 7_000, mixed: 0 });
    assert.deepStrictEqual(machine.life.pending(cpu), []);
  });

  it("is on its way out where the end of a leap finds it there", () => {
    const { machine, cpu } = cpuWith(kgraft, [onDisk(2e9)]);
    machine.life.aim(cpu, check);
    machine.life.advance(cpu, 2e9 + 3_000);
    assert.lengthOf(machine.life.pending(cpu), 1);
    machine.life.advance(cpu, 2e9 + 7_000);
    assert.deepInclude(machine.life.switches(cpu), { count: 1, firstAt: 2e9 + 7_000 });
  });
});

describe("a kernel thread", () => {
  const resting: Partial<Task> = { mode: "safe", wakeAt: 40_000 };

  it("at its safe point switches at once where it is woken for that, else as it next passes", () => {
    const woken = cpuWith({ ...kgraft, gradual: { ...noPolicy, wakes: true } }, [resting], kworker);
    woken.machine.life.aim(woken.cpu, check);
    assert.deepInclude(woken.machine.life.switches(woken.cpu), { count: 1, firstAt: 0 });
    const passes = cpuWith(kgraft, [resting], kworker);
    passes.machine.life.aim(passes.cpu, check);
    passes.machine.life.advance(passes.cpu, 1e9);
    assert.deepInclude(passes.machine.life.switches(passes.cpu), { count: 1, firstAt: 40_000 });
  });

  it("has its main function on its stack there", () => {
    for (const batches of [[["worker_thread"]], [["process_one_work"]]]) {
      const { machine, cpu } = cpuWith({ ...hybrid, batches }, [resting], kworker);
      machine.life.aim(cpu, check);
      const isMain = batches[0]?.[0] === "worker_thread";
      assert.deepStrictEqual(whysOf(machine, cpu), isMain ? ["patched function on its stack"] : []);
      assert.strictEqual(machine.life.census(cpu).onStack, isMain ? 1 : 0);
    }
  });

  it("that works switches by a later check, never by itself, where stacks are checked", () => {
    const { machine, cpu } = cpuWith(hybrid, [{ mode: "kernel", left: 10_000 }], kworker);
    machine.life.aim(cpu, check);
    machine.life.advance(cpu, 30_000);
    assert.deepStrictEqual(whysOf(machine, cpu), ["running"]);
    machine.life.aim(cpu, check);
    assert.deepInclude(machine.life.switches(cpu), { count: 1, inKernel: 0, firstAt: 30_000 });
  });
});

describe("the idle task", () => {
  const withIdle = { ...hybrid, gradual: { ...noPolicy, idle: true } };
  const swapper: Blocker = { task: "swapper", function: "cpu_startup_entry", why: "running" };

  it("runs on an idle CPU, is made to pass its loop, and has switched at the second look", () => {
    const { machine, cpu } = cpuWith(withIdle, []);
    machine.life.aim(cpu, check);
    assert.deepStrictEqual(machine.life.pending(cpu), [swapper]);
    machine.life.advance(cpu, 1e9);
    machine.life.aim(cpu, check);
    assert.deepStrictEqual(machine.life.pending(cpu), []);
    assert.deepInclude(machine.life.switches(cpu), { count: 1, firstAt: 0 });
  });

  it("switches at once on the CPU whose other code asks, on a busy CPU, and by force", () => {
    const caller = cpuWith(withIdle, []);
    caller.machine.life.aim(caller.cpu, { ...check, caller: true });
    const busy = cpuWith(withIdle, [inRead(2_000)]);
    busy.machine.life.aim(busy.cpu, check);
    const forced = cpuWith(withIdle, []);
    forced.machine.life.aim(forced.cpu, { ...check, forces: true });
    for (const { machine, cpu } of [caller, busy, forced]) {
      assert.notDeepInclude(machine.life.pending(cpu), swapper);
      assert.strictEqual(machine.life.switches(cpu).count, 1);
    }
  });

  it("is nobody's business where the model says so", () => {
    const { machine, cpu } = cpuWith(kgraft, []);
    machine.life.aim(cpu, check);
    assert.deepStrictEqual(machine.life.pending(cpu), []);
  });
});

describe("going back", () => {
  it("has those that went over pending again, and is over for those that had not", () => {
    const { machine, cpu, tasks } = cpuWith(kgraft, [onDisk(1e9), inRead(1_000)]);
    machine.life.aim(cpu, check);
    machine.life.advance(cpu, 2_000);
    assert.deepStrictEqual(
      tasks.map(({ crossing }) => crossing?.version),
      [0, 1],
    );
    machine.life.aim(cpu, { ...check, target: 0 });
    assert.deepStrictEqual(machine.life.pending(cpu), [{ task: "test-1", function: "user mode", why: "running" }]);
    machine.life.advance(cpu, 1e6);
    assert.deepStrictEqual(machine.life.pending(cpu), []);
    assert.strictEqual(machine.life.switches(cpu).count, 2);
  });
});

describe("a CPU that is born in the middle", () => {
  const busy = workloadOf({ userNs: constant(1_000), calls: [callOf({ name: "read" })] });

  it("ran the incoming version from its birth, and the outgoing one only once it is turned back", () => {
    const machine = machineWith(busy, kgraft);
    const cpu = machine.life.boot(stream(1, "life"), 1_000_000, 1, 0);
    machine.life.advance(cpu, 3_000_000);
    machine.life.aim(cpu, check);
    assert.deepStrictEqual(machine.life.pending(cpu), []);
    const born = machine.life.switches(cpu);
    assert.deepInclude(born, { count: 0, outgoingUntil: null });
    assert.isAtLeast(born.incomingFrom ?? 0, 1_000_000);
    assert.isAtMost(born.incomingFrom ?? Infinity, 1_100_000);
    machine.life.advance(cpu, 4_000_000);
    machine.life.aim(cpu, { ...check, target: 0 });
    assert.strictEqual(machine.life.switches(cpu).outgoingUntil, null);
    machine.life.advance(cpu, 5_000_000);
    assert.isAbove(machine.life.switches(cpu).outgoingUntil ?? 0, 4_000_000);
    assert.strictEqual(machine.life.switches(cpu).incomingFrom, born.incomingFrom);
  });

  it("has nothing to redirect where functions switch by themselves, and counts as the others do", () => {
    const machine = machineWith(busy, { leave: "function", switches: "function", gradual: noPolicy, batches: [["vfs_read"]] });
    const cpu = machine.life.boot(stream(1, "life"), 0, 1, 0);
    machine.life.redirect(cpu, 0, there);
    machine.life.advance(cpu, 1_000_000);
    assert.deepInclude(machine.life.switches(cpu), { count: 0, mixed: 0, onStackCount: 0, outgoingUntil: null });
    assert.isNotNull(machine.life.switches(cpu).incomingFrom);
  });
});

describe("a task that gets no CPU for a very long time", () => {
  it("is taken to cross on an equal share of it, so that a transition costs no more than its rounds", () => {
    const busyThread = { name: "kworker", perCpu: 1, idleNs: constant(1), workNs: constant(500) };
    const { machine, cpu } = cpuWith(kgraft, [computing(1_000_000), { mode: "kernel", left: 500, cpu: 500 }], { kthreads: [busyThread] });
    machine.life.aim(cpu, check);
    machine.life.advance(cpu, 3_600e9);
    assert.deepStrictEqual(machine.life.pending(cpu), []);
    const { lastAt } = machine.life.switches(cpu);
    assert.isAbove(lastAt ?? 0, 1_000_000);
    assert.isBelow(lastAt ?? Infinity, 1e8);
    assert.isBelow(cpu.entries, 1e9);
  });
});

describe("force", () => {
  it("switches everyone, and a call that goes on from there runs both versions", () => {
    const { machine, cpu } = cpuWith({ ...kgraft, batches: [["vfs_read", "filemap_read"]] }, [inRead(10_500), onDisk(1e9)]);
    machine.life.aim(cpu, check);
    machine.life.aim(cpu, { ...check, forces: true });
    assert.deepStrictEqual(machine.life.pending(cpu), []);
    assert.deepInclude(machine.life.switches(cpu), { count: 2, inKernel: 2, forced: 2, onStackCount: 0, mixed: 0 });
    machine.life.advance(cpu, 7_000);
    assert.strictEqual(machine.life.switches(cpu).mixed, 1);
    machine.life.advance(cpu, 5e8);
    assert.strictEqual(machine.life.switches(cpu).mixed, 1, "it is counted once, and later calls run one version");
  });
});

describe("functions that are redirected one by one", () => {
  const immediate: Partial<TimedOptions> = {
    leave: "function",
    switches: "function",
    gradual: noPolicy,
    batches: [["vfs_read"], ["filemap_read"]],
  };

  it("mix in a call that had called one before and calls another after", () => {
    const { machine, cpu } = cpuWith(immediate, [inRead(10_500)]);
    machine.life.redirect(cpu, 0, there);
    machine.life.redirect(cpu, 1, there);
    assert.deepInclude(machine.life.switches(cpu), {
      count: 1,
      inKernel: 1,
      onStack: [{ task: "test-0", patched: "vfs_read" }],
      onStackCount: 1,
      mixed: 0,
      outgoingUntil: 0,
      incomingFrom: null,
    });
    machine.life.advance(cpu, 9_000);
    // The old vfs_read returns with 2 of 14 us left, 8.5 us from the start; the new filemap_read is called at 5 us, after 1.5.
    assert.deepInclude(machine.life.switches(cpu), { mixed: 1, outgoingUntil: 8_500, incomingFrom: 1_500 });
    machine.life.advance(cpu, 1e9);
    assert.deepInclude(machine.life.switches(cpu), { count: 1, mixed: 1, outgoingUntil: 8_500 });
  });

  it("leave nobody pending and are all new once the operation is over", () => {
    const { machine, cpu, tasks } = cpuWith(immediate, [inRead(10_500)]);
    machine.life.redirect(cpu, 0, there);
    assert.deepStrictEqual(machine.life.pending(cpu), []);
    machine.life.settle(cpu, 1);
    assert.strictEqual(machine.life.census(cpu).version, 1);
    assert.deepInclude(machine.life.switches(cpu), { count: 0, onStackCount: 0, firstAt: null });
    assert.isNull(tasks[0]?.crossing);
  });

  it("go over task by task and batch by batch where the kernel must be left for each", () => {
    const { machine, cpu, tasks } = cpuWith({ ...immediate, leave: "kernel" }, [inRead(1_000), onDisk(5e8)]);
    machine.life.aim(cpu, { ...check, batch: 0 });
    machine.life.advance(cpu, 1_000);
    machine.life.aim(cpu, { ...check, batch: 0 });
    assert.deepStrictEqual(whysOf(machine, cpu), ["uninterruptible sleep"]);
    assert.deepStrictEqual(
      tasks.map(({ crossing }) => crossing?.byBatch),
      [
        [1, 0],
        [0, 0],
      ],
    );
    machine.life.advance(cpu, 1e9);
    assert.deepStrictEqual(machine.life.pending(cpu), []);
    machine.life.aim(cpu, { ...check, batch: 1 });
    assert.lengthOf(machine.life.pending(cpu), 2, "the next batch asks anew");
    machine.life.advance(cpu, 2e9);
    assert.deepStrictEqual(machine.life.pending(cpu), []);
    assert.deepInclude(machine.life.switches(cpu), { count: 4, inKernel: 0, onStackCount: 0 });
    assert.throws(() => machine.life.redirect(cpu, 0, there), "redirected");
  });

  it("exist only where functions switch, as aims do where something switches bit by bit", () => {
    const whole = cpuWith({}, []);
    assert.throws(() => whole.machine.life.aim(whole.cpu, check), "no task is aimed anywhere");
    const task = cpuWith(kgraft, []);
    assert.throws(() => task.machine.life.redirect(task.cpu, 0, there), "redirected");
  });
});
