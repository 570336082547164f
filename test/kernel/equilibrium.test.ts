// A task that is met in mid-work is met where its workload spends its time, and a long run spends it there too.
import { assert, describe, it } from "vitest";
import type { CpuLife } from "../../shared/kernel/cpuLife.ts";
import type { Mode } from "../../shared/kernel/task.ts";
import type { Workload } from "../../shared/kernel/workload.ts";
import { stream } from "../../shared/machine/random.ts";
import { callOf, constant, lifeAt, machineOf, workloadOf } from "./lives.ts";

/** Per cycle: 30 us of user time; 5 us of a call half of the time; else 4 us of one that sleeps for 20 us every second time. */
const workload = workloadOf({
  userNs: { kind: "exponential", meanNs: 30_000 },
  calls: [
    callOf({ name: "read", cpuNs: { kind: "exponential", meanNs: 5_000 } }),
    callOf({
      name: "fsync",
      cpuNs: constant(4_000),
      sleep: { probability: 0.5, kind: "uninterruptible", ns: { kind: "exponential", meanNs: 20_000 } },
    }),
  ],
});
const cycleNs = 30_000 + 2_500 + 2_000 + 5_000;
const shares: Partial<Record<Mode, number>> = { user: 30_000 / cycleNs, kernel: 4_500 / cycleNs, disk: 5_000 / cycleNs };

const samples = 30_000;
/** Five times the spread of a share that is counted over so many samples. */
const margin = 5 * Math.sqrt(0.25 / samples);

const closeToShares = (modes: ReadonlyMap<Mode, number>): void => {
  for (const [mode, share] of Object.entries(shares)) {
    assert.closeTo((modes.get(mode as Mode) ?? 0) / samples, share, margin, mode);
  }
};

const countModes = (cpus: Iterable<CpuLife>): ReadonlyMap<Mode, number> => {
  const modes = new Map<Mode, number>();
  for (const cpu of cpus) for (const { mode } of cpu.tasks) modes.set(mode, (modes.get(mode) ?? 0) + 1);
  return modes;
};

describe("the share of time in each state", () => {
  const machine = machineOf(workload);

  it("is that of the workload when a task is met", () => {
    const met = function* () {
      for (let seed = 0; seed < samples; seed++) yield lifeAt(machine, 0, seed);
    };
    closeToShares(countModes(met()));
  });

  it("is that of the workload over a long run, looked at now and then", () => {
    const cpu = lifeAt(machine, 0);
    const looks = function* () {
      for (let i = 0; i < samples; i++) {
        machine.life.advance(cpu, cpu.now + 3 * cycleNs);
        yield cpu;
      }
    };
    closeToShares(countModes(looks()));
  });

  it("is that of the workload after leaps over long gaps", () => {
    const cpu = lifeAt(machine, 0);
    const looks = function* () {
      for (let i = 0; i < samples; i++) {
        machine.life.advance(cpu, cpu.now + 2 * machine.program.forgottenAfterNs);
        yield cpu;
      }
    };
    closeToShares(countModes(looks()));
  });

  it("is for a kernel thread its work's share of work and rest", () => {
    const threads: Workload = workloadOf({
      tasksPerCpu: 0,
      calls: workload.calls,
      kthreads: [{ name: "kworker", perCpu: 1, idleNs: constant(30_000), workNs: { kind: "exponential", meanNs: 10_000 } }],
    });
    const other = machineOf(threads);
    let working = 0;
    for (let seed = 0; seed < samples; seed++) if (lifeAt(other, 0, seed).tasks[0]?.mode === "kernel") working++;
    assert.closeTo(working / samples, 0.25, margin);
  });
});

describe("whoever is met in a call", () => {
  it("is as far from its end as it would be in a run: what is left after a meeting is what is left in equilibrium", () => {
    const machine = machineOf(workload);
    const leftAfter = (at: number): number => {
      let [sum, count] = [0, 0];
      for (let seed = 0; seed < samples; seed++) {
        const task = lifeAt(machine, at, seed).tasks[0];
        if (task?.mode !== "kernel") continue;
        sum += task.left + task.afterSleep;
        count++;
      }
      return sum / count;
    };
    // 20 cycles later, nothing of the meeting is left.
    assert.closeTo(leftAfter(0) / leftAfter(20 * cycleNs), 1, 0.08);
  });

  it("entered on the version that was in force", () => {
    const machine = machineOf(workload);
    for (let seed = 0; seed < 200; seed++) {
      const cpu = machine.life.boot(stream(seed, "life"), 1_000, 3, 0);
      machine.life.advance(cpu, 1_000_000);
      for (const task of cpu.tasks) assert.strictEqual(task.entered, 3);
    }
  });
});
