// What the processes of CPUs of a live run cost, seen from outside while it goes on.
import { descendants, type ProcessCost, processCost } from "./processes.ts";
import { cpuProcess, type LiveRun, live } from "./subject.ts";

/** Each as it was seen last, so a little work after its start is counted too. */
export const costsOf = async (run: LiveRun): Promise<readonly ProcessCost[]> => {
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
  await live(run, look).finally(() => clearTimeout(timer));
  return [...seen.values()];
};
