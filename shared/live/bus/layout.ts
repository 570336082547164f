// Which host runs which CPUs: neighbours in equal shares, so that what all CPUs of a host say stays one range.
import type { CpuSet } from "../../machine/cpuSet.ts";

export interface Layout {
  readonly cpus: number;
  /** At most one per CPU. */
  readonly hosts: number;
}

/** The CPUs of a host; none if there is no such host. */
export const cpusOf = ({ cpus, hosts }: Layout, host: number): CpuSet => {
  if (host < 0 || host >= hosts) return [];
  return [Math.floor((host * cpus) / hosts), Math.floor(((host + 1) * cpus) / hosts) - 1];
};

/** The host of a CPU. */
export const hostOf = ({ cpus, hosts }: Layout, cpu: number): number => Math.floor(((cpu + 1) * hosts - 1) / cpus);

/** The hosts that run any of these CPUs, ascending. */
export const hostsOf = (layout: Layout, set: CpuSet): readonly number[] => {
  const hosts: number[] = [];
  for (let i = 0; i < set.length; i += 2) {
    const last = hostOf(layout, set[i + 1] as number);
    for (let host = Math.max(hostOf(layout, set[i] as number), (hosts.at(-1) ?? -1) + 1); host <= last; host++) hosts.push(host);
  }
  return hosts;
};
