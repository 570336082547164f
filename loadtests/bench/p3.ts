// P3: one process per CPU: its round beside the bare round of as many processes, and what each process costs.
import { floor } from "./floor.ts";
import { interleave, type Row, row, type Sample, type Settings, type Target } from "./measure.ts";
import { descendants, type ProcessCost, processCost } from "./processes.ts";
import { cpuProcess, live, roundsPerPatch, warmupOf } from "./subject.ts";

const roundTarget: Target = { of: "ratio", bound: "at most", value: 1.3 };
const cpuTarget: Target = { of: "subject", bound: "at most", value: 120 };
const memoryTarget: Target = { of: "subject", bound: "at most", value: 30 };

/** A run of one patch, seen from outside: each process as it was seen last, so a little work after its start is counted too. */
const costOfRun = async (cpus: number): Promise<Sample> => {
  const seen = new Map<number, ProcessCost>();
  let timer: NodeJS.Timeout | undefined;
  const look = (driver: number): void => {
    const begun = performance.now();
    for (const pid of descendants(driver, cpuProcess)) {
      const cost = processCost(pid);
      if (cost !== undefined) seen.set(pid, cost);
    }
    // Looking walks page tables: at most a fifth of the time, or it would be what it measures.
    timer = setTimeout(look, 20 + 4 * (performance.now() - begun), driver);
  };
  await live({ cpus, hosts: cpus, patches: 1, pinned: false }, look).finally(() => clearTimeout(timer));
  const mean = (of: keyof ProcessCost): number => [...seen.values()].reduce((sum, cost) => sum + cost[of], 0) / seen.size;
  return { cpuMs: mean("cpuMs"), privateMb: mean("privateMb") };
};

export const p3 = async ({ trials, patches, cpus: sizes = [8, 64], floorsOnly }: Settings): Promise<readonly Row[]> => {
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
