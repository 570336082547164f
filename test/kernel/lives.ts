// Lives of CPUs for tests: any small workload, any seed, any moment, and workloads that do one thing only.
import fc from "fast-check";
import type { CpuLife } from "../../shared/kernel/cpuLife.ts";
import type { Distribution } from "../../shared/kernel/distribution.ts";
import type { UserMode } from "../../shared/kernel/hold.ts";
import type { Aim, Life } from "../../shared/kernel/life.ts";
import { compile, type Program } from "../../shared/kernel/program.ts";
import { type TimedOptions, timedLife } from "../../shared/kernel/timed.ts";
import type { SystemCall, Workload } from "../../shared/kernel/workload.ts";
import { stream } from "../../shared/machine/random.ts";

export const constant = (ns: number): Distribution => ({ kind: "constant", ns });

/** One user task that makes no call but those of `changes`, and no kernel thread. */
export const workloadOf = (changes: Partial<Workload>): Workload => ({
  schema: "quiesce.workload/1",
  name: "test",
  title: "",
  source: "",
  tasksPerCpu: 1,
  userNs: constant(10_000),
  calls: [],
  kthreads: [],
  irqsOff: { perSecond: 0, ns: constant(1) },
  nmis: { perSecond: 0 },
  crossCalls: { perSecond: 0 },
  ...changes,
});

export const callOf = (changes: Partial<SystemCall>): SystemCall => ({
  name: "read",
  weight: 1,
  cpuNs: constant(4_000),
  restarts: true,
  ...changes,
});

export const tickNs = 1_000_000;

export interface Machine {
  readonly program: Program;
  readonly life: Life<CpuLife>;
}

/** What a machine goes by unless a test says otherwise: the whole kernel switches at once, when everyone is out of it. */
const wholeKernel: Omit<TimedOptions, "program"> = {
  userMode: "park",
  tickNs,
  leave: "kernel",
  switches: "kernel",
  check: null,
  gradual: null,
  batches: [],
  forced: [],
  stackReader: { fails: 0, misses: 0, stale: 0 },
};

export const machineWith = (workload: Workload, options: Partial<TimedOptions>): Machine => {
  const program = compile(workload);
  return { program, life: timedLife({ ...wholeKernel, program, ...options }) };
};

export const machineOf = (workload: Workload, userMode: UserMode = "park", patched: readonly string[] = []): Machine =>
  machineWith(workload, { userMode, batches: [patched] });

/** A life that was booted at 0 on version 0 and has run until `at`. */
export const lifeAt = ({ life }: Machine, at: number, seed = 1): CpuLife => {
  const cpu = life.boot(stream(seed, "life"), 0, 0, 0);
  life.advance(cpu, 0);
  life.advance(cpu, at);
  return cpu;
};

/** Runs on in small steps until `reached`; a step is shorter than anything that a task of the test does. */
export const runUntil = ({ life }: Machine, cpu: CpuLife, reached: (cpu: CpuLife) => boolean, stepNs = 500): void => {
  for (let steps = 0; !reached(cpu); steps++) {
    if (steps === 1e6) throw new Error("it never comes to that");
    life.advance(cpu, cpu.now + stepNs);
  }
};

export const noPolicy = { idle: false, tick: false, wakes: false, condResched: false, interrupts: "task" } as const;

/** As the hybrid and kGraft switch tasks; `vfs_read` is patched. */
export const hybrid: Partial<TimedOptions> = {
  leave: "patched-set",
  switches: "task",
  check: { reader: "reliable", forced: false },
  gradual: { ...noPolicy, tick: true },
  batches: [["vfs_read"]],
};
export const kgraft: Partial<TimedOptions> = { leave: "kernel", switches: "task", gradual: noPolicy, batches: [["vfs_read"]] };

export const check: Aim = { target: 1, from: 0, batch: null, looks: true, caller: false, signals: false, forces: false };
export const signal: Aim = { ...check, looks: false, signals: true };

const someTime = (atMost: number): fc.Arbitrary<Distribution> =>
  fc.oneof(
    fc.integer({ min: 1, max: atMost }).map(constant),
    fc.integer({ min: 1, max: atMost }).map((meanNs): Distribution => ({ kind: "exponential", meanNs })),
    fc.array(fc.integer({ min: 1, max: atMost }), { minLength: 1, maxLength: 4 }).map(
      (ns): Distribution => ({
        kind: "quantiles",
        ns: ns.sort((a, b) => a - b),
      }),
    ),
  );

const someCall: fc.Arbitrary<SystemCall> = fc.record({
  name: fc.constantFrom("read", "fsync", "epoll_wait", "unknown"),
  weight: fc.integer({ min: 1, max: 5 }),
  cpuNs: someTime(20_000),
  restarts: fc.boolean(),
  sleep: fc.record({
    probability: fc.constantFrom(0, 0.5, 1),
    kind: fc.constantFrom("interruptible", "uninterruptible"),
    ns: someTime(200_000),
  }),
});

/** Any small workload; user time is long enough that a CPU is not always in the kernel. */
export const someWorkload: fc.Arbitrary<Workload> = fc
  .record({
    tasksPerCpu: fc.nat(4),
    userNs: someTime(100_000),
    calls: fc.array(someCall, { minLength: 1, maxLength: 3 }),
    kthreads: fc.array(
      fc.record({
        name: fc.constantFrom("kworker", "ksoftirqd"),
        perCpu: fc.integer({ min: 1, max: 2 }),
        idleNs: someTime(300_000),
        workNs: someTime(30_000),
      }),
      { maxLength: 2 },
    ),
  })
  .map(workloadOf);
