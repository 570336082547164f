// What a run costs the machine that simulates it.
import { readFileSync, writeFileSync } from "node:fs";
import type { RunRecord } from "../../shared/scale/record.ts";

const kilobyte = 1024;

/** Lets the kernel measure the peak of this process's memory anew. Elsewhere than on Linux the peak is that since its start. */
const forgetPeak = (): void => {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Not permitted in every container; then the peak of an earlier run may stand for a smaller one of now.
  }
};

const peakBytes = (): number => {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (line !== null) return Number(line[1]) * kilobyte;
  } catch {
    // No Linux.
  }
  return process.resourceUsage().maxRSS * kilobyte;
};

/** Starts measuring; the answer is what was spent since. Memory is that of the whole process, and so of a run only if it is alone there. */
export const measureHost = (alone: boolean): (() => RunRecord["host"]) => {
  if (alone) forgetPeak();
  const cpu = process.threadCpuUsage();
  const startedAt = performance.now();
  return () => {
    const { user, system } = process.threadCpuUsage(cpu);
    return {
      host_wall_s: (performance.now() - startedAt) / 1e3,
      host_cpu_s: (user + system) / 1e6,
      host_peak_rss_bytes: alone ? peakBytes() : null,
    };
  };
};
