// P3: one process per CPU: its round beside the bare round of as many processes, and what each process costs.

import { costsOf } from "./costs.ts";
import { floor } from "./floor.ts";
import { interleave, type Row, row, type Sample, type Settings, type Target } from "./measure.ts";
import type { ProcessCost } from "./processes.ts";
import { live, roundsPerPatch, warmupOf } from "./subject.ts";

const roundTarget: Target = { of: "ratio", bound: "at most", value: 1.3 };
const cpuTarget: Target = { of: "subject", bound: "at most", value: 120 };
const memoryTarget: Target = { of: "subject", bound: "at most", value: 30 };

/** A run of one patch, seen from outside. */
const costOfRun = async (cpus: number): Promise<Sample> => {
  const costs = await costsOf({ cpus, hosts: cpus, patches: 1, pinned: false });
  const mean = (of: keyof ProcessCost): number => costs.reduce((sum, cost) => sum + cost[of], 0) / costs.length;
  return { cpuMs: mean("cpuMs"), privateMb: mean("privateMb") };
};

export const p3 = async ({ trials, patches, cpus: sizes = [8, 64, 128], floorsOnly }: Settings): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  // A round takes as long as there are processes, so fewer of them fill the time.
  const fewer = Math.ceil(patches / 10);
  const warmup = warmupOf(fewer * roundsPerPatch);
  for (const cpus of sizes) {
    for (const pinned of [true, false]) {
      const subject = floorsOnly ? undefined : () => live({ cpus, hosts: cpus, patches: fewer, pinned });
      const bare = floor("natsRound", { cpus, hosts: cpus, warmup, rounds: fewer * roundsPerPatch - warmup }, pinned);
      const name = `round p50, ${cpus} CPUs, a process each, ${pinned ? "pinned" : "free"}`;
      rows.push(row({ name, unit: "µs", key: "p50Us", target: roundTarget }, await interleave(trials, subject, bare)));
    }
    const costs = await interleave(trials, floorsOnly ? undefined : () => costOfRun(cpus), floor("processCost", { processes: cpus }));
    rows.push(row({ name: `start of a process, ${cpus} of them`, unit: "ms CPU", key: "cpuMs", target: cpuTarget }, costs));
    rows.push(row({ name: `private memory of a process, ${cpus} of them`, unit: "MB", key: "privateMb", target: memoryTarget }, costs));
  }
  return rows;
};
