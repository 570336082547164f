// What runs on the machines of the experiments: recorded workloads from their files, and three made by hand for one question each.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeWorkload } from "../../shared/kernel/decode/workload.ts";
import type { Workload } from "../../shared/kernel/workload.ts";

const recorded = (name: string): Workload => {
  const path = fileURLToPath(new URL(`../workloads/${name}.json`, import.meta.url));
  return decodeWorkload(readFileSync(path, "utf8"), path);
};

/** Each CPU runs its idle task and nothing else. */
export const idle = recorded("idle");

/** Some tasks sleep uninterruptibly, for ever as far as a patch can tell. */
export const hungDisk = recorded("hung-disk");

/** Nothing but idle tasks and the kernel threads of the recorded web server. */
export const idleWithThreads: Workload = {
  ...idle,
  name: "idle-with-threads",
  title: "an idle machine with its kernel threads",
  kthreads: recorded("web").kthreads,
};

const dayNs = 86_400_000_000_000;

/** Daemons of an idle machine: every task is in an interruptible sleep that outlasts every patch. */
export const sleepers: Workload = {
  ...idle,
  name: "sleeper",
  title: "tasks that sleep",
  source: "made by hand: tasks to look at and nothing else",
  calls: [
    {
      name: "nanosleep",
      weight: 1,
      cpuNs: { kind: "constant", ns: 1_000 },
      sleep: { probability: 1, kind: "interruptible", ns: { kind: "constant", ns: dayNs } },
      restarts: true,
    },
  ],
};

/** One task a CPU that computes and never calls the kernel, as `while :; do :; done` does. */
export const busyLoops: Workload = {
  ...idle,
  name: "loop",
  title: "a busy loop on each CPU",
  source: "made by hand after the real kernel's measurement",
  tasksPerCpu: 1,
  userNs: { kind: "constant", ns: dayNs },
};
