// What a process has cost so far, as the kernel counts it in /proc: the same look from outside at a floor and at what stands on it.
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessCost {
  /** Time on a CPU, all threads. */
  readonly cpuMs: number;
  /** Memory that would be free without this process: pages that it shares with nobody. */
  readonly privateMb: number;
}

const timeOnCpu = (pid: number): number => {
  let ns = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  }
  return ns;
};

/** All threads of the process; undefined if it is gone. */
export const onCpuNs = (pid: number): number | undefined => {
  try {
    return timeOnCpu(pid);
  } catch {
    return undefined;
  }
};

/** Undefined if the process is gone. */
export const processCost = (pid: number): ProcessCost | undefined => {
  try {
    const cpuNs = timeOnCpu(pid);
    let privateKb = 0;
    for (const [, kb] of readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").matchAll(/^Private_\w+:\s+(\d+) kB$/gm)) privateKb += Number(kb);
    // A process that ended but was not waited for has no memory left to read.
    return privateKb === 0 ? undefined : { cpuMs: cpuNs / 1e6, privateMb: privateKb / 1024 };
  } catch {
    return undefined;
  }
};

/** The processes below `root` whose command line holds `text`. */
export const descendants = (root: number, text: string): readonly number[] => {
  const found: number[] = [];
  const pending = [root];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim();
        if (children !== "") pending.push(...children.split(" ").map(Number));
      }
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text)) found.push(pid);
    } catch {
      // It ended between two looks.
    }
  }
  return found;
};
