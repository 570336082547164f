// The machine on which mutants are hunted: four CPUs with little to do, so that a run takes a millisecond.
import type { Model } from "../../shared/consistency/model.ts";
import type { Patch } from "../../shared/kernel/patch.ts";
import type { Profile } from "../../shared/kernel/profile.ts";
import { profiles } from "../../shared/kernel/profiles.ts";
import type { Workload } from "../../shared/kernel/workload.ts";
import type { Setup } from "../../shared/protocol/setup.ts";
import type { Hunt } from "../../shared/virtual/hunt.ts";

const workload: Workload = {
  schema: "quiesce.workload/1",
  name: "prey",
  title: "reads and sleeps",
  source: "made by hand: often in a patched function, awake and asleep",
  tasksPerCpu: 2,
  userNs: { kind: "exponential", meanNs: 20_000 },
  calls: [
    {
      name: "read",
      weight: 3,
      cpuNs: { kind: "exponential", meanNs: 5_000 },
      sleep: { probability: 0.1, kind: "interruptible", ns: { kind: "exponential", meanNs: 300_000 } },
      restarts: true,
    },
    {
      name: "nanosleep",
      weight: 1,
      cpuNs: { kind: "constant", ns: 2_000 },
      sleep: { probability: 1, kind: "interruptible", ns: { kind: "exponential", meanNs: 500_000 } },
      restarts: false,
    },
  ],
  kthreads: [
    { name: "kworker", perCpu: 1, idleNs: { kind: "exponential", meanNs: 500_000 }, workNs: { kind: "exponential", meanNs: 10_000 } },
  ],
  irqsOff: { perSecond: 200, ns: { kind: "exponential", meanNs: 10_000 } },
  crossCalls: { perSecond: 200 },
};

/** Two functions of one call: whoever is between them when they change sees both versions. */
const patch: Patch = {
  id: "prey",
  title: "what two functions of a read say to each other",
  kind: "call",
  objects: [{ object: "vmlinux", functions: ["ksys_read", "vfs_read"] }],
};

/** The model with the pauses of a small machine: what takes a real one seconds takes this one milliseconds. */
const hastened = (model: Model): Model => ({
  ...model,
  retryNs: 100_000,
  limitNs: model.limitNs === null ? null : 20_000_000,
  holdLimitNs: 40_000_000,
  gradual: model.gradual === null ? null : { ...model.gradual, checkNs: 1_000_000 },
});

const machineOf = (model: Model): Setup => ({
  seed: 1,
  cpus: 4,
  tasksPerCpu: workload.tasksPerCpu,
  model: hastened(model),
  workload,
  profile: profiles[0] as Profile,
  patch,
  operations: ["patch"],
  resend: { firstNs: 20_000, capNs: 2_000_000 },
  bootLimitNs: 5_000_000,
});

export const hunt: Hunt = { machineOf, seeds: 400, timeLimitNs: 200_000_000, eventLimit: 20_000 };
