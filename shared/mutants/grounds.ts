// What a machine must be like for some mutants to show: the grounds on which they are hunted, whatever the machine is like otherwise.
import type { Patch } from "../kernel/patch.ts";
import type { SystemCall, Workload } from "../kernel/workload.ts";
import type { Setup } from "../protocol/setup.ts";

const nap: SystemCall = {
  name: "nanosleep",
  weight: 1,
  cpuNs: { kind: "constant", ns: 2_000 },
  sleep: { probability: 1, kind: "interruptible", ns: { kind: "exponential", meanNs: 500_000 } },
  restarts: false,
};

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
    nap,
  ],
  kthreads: [
    { name: "kworker", perCpu: 1, idleNs: { kind: "exponential", meanNs: 500_000 }, workNs: { kind: "exponential", meanNs: 10_000 } },
  ],
  irqsOff: { perSecond: 200, ns: { kind: "exponential", meanNs: 10_000 } },
  nmis: { perSecond: 0 },
  crossCalls: { perSecond: 200 },
};

/** Two functions of one call: whoever is between them when they change sees both versions. */
const patch: Patch = {
  id: "prey",
  title: "what two functions of a read say to each other",
  kind: "call",
  objects: [{ object: "vmlinux", functions: ["ksys_read", "vfs_read"] }],
};

/** The first function of a long read and the last of many: whoever is anywhere between them when they change sees both versions. */
const longPatch: Patch = { ...patch, objects: [{ object: "vmlinux", functions: ["__x64_sys_read", "filemap_get_pages"] }] };
const longReads: Workload = {
  ...workload,
  calls: workload.calls.map((call) => (call.name === "read" ? { ...call, cpuNs: { kind: "exponential", meanNs: 100_000 } } : call)),
};

/** What tasks do, and what is changed, so that they are often in the midst of it. */
export const prey: Pick<Setup, "workload" | "tasksPerCpu" | "patch"> = { workload, tasksPerCpu: workload.tasksPerCpu, patch };

export const inPatchedFunctions = (setup: Setup): Setup => ({ ...setup, ...prey });

export const inLongPatchedCalls = (setup: Setup): Setup => ({ ...setup, ...prey, workload: longReads, patch: longPatch });

/** Its tasks are servers, each with something in hand a good part of the time. */
export const underLoad = (setup: Setup): Setup => ({
  ...setup,
  ...prey,
  workload: { ...workload, calls: [...workload.calls, { ...nap, name: "epoll_wait" }] },
  load: { arrivals: { kind: "poisson", perSecond: 2_000 * setup.cpus }, fromNs: 0, coolNs: 0 },
});

/** With a limit a stop that hangs would be given up, which is no guarantee broken. */
export const withoutLimit = (setup: Setup): Setup => ({
  ...setup,
  model: { ...setup.model, limitNs: null, holdLimitNs: 1e15 },
  resend: { ...setup.resend, capNs: 50_000_000 },
});

export const callingOften = (setup: Setup): Setup => ({ ...setup, workload: { ...setup.workload, crossCalls: { perSecond: 5_000 } } });

/** What is said of an epoch that was aborted is still on its way when the next one is open. */
export const retryingAtOnce = (setup: Setup): Setup => ({ ...setup, model: { ...setup.model, retryNs: 100_000 } });

/** A transition that whoever was asked first still speaks of when it is turned back. */
export const reversedBeforeTheFirstCheck = (setup: Setup): Setup => {
  const { gradual } = setup.model;
  if (gradual === null) throw new Error("a model that switches the whole kernel has no transition to turn back");
  return { ...setup, model: { ...setup.model, gradual: { ...gradual, checkNs: 1_000_000 }, limitNs: 400_000, onLimit: "reverse" } };
};

export const unpatchingToo = (setup: Setup): Setup => ({ ...setup, operations: ["patch", "unpatch"] });

/** All CPUs are of one node, whose lowest asks all others and answers for them. */
export const byOneCombiner = (setup: Setup): Setup => ({
  ...setup,
  topology: { shape: "numa" },
  profile: { ...setup.profile, cpusPerSocket: setup.cpus },
});
