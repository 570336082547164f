// What a simulated CPU and a process of CPUs take in memory live: a host of many CPUs beside one that has a single one.
import { costsOf } from "./costs.ts";
import { interleave, type Row, row, type Settings } from "./measure.ts";

/** Private memory of a mean process of CPUs, in MB. */
const processMb = async (cpus: number, hosts: number, workload: string): Promise<number> => {
  const costs = await costsOf({ cpus, hosts, patches: 2, pinned: false, workload });
  return costs.reduce((sum, { privateMb }) => sum + privateMb, 0) / costs.length;
};

export const memory = async ({ trials, cpus: sizes = [4096], hosts: shares }: Settings): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const workload of ["idle", "web"]) {
    for (const cpus of sizes) {
      for (const hosts of shares) {
        const single = async () => ({ mb: await processMb(1, 1, workload) });
        const pairs = await interleave(trials, async () => ({ mb: await processMb(cpus, hosts, workload) }), single);
        const grown = pairs.map(({ subject, floor }) => (1024 * ((subject?.mb ?? Number.NaN) - (floor.mb ?? Number.NaN))) / (cpus / hosts));
        const place = `${cpus} CPUs, ${workload}, ${hosts} host${hosts > 1 ? "s" : ""}`;
        rows.push(row({ name: `a process, ${place}, beside one of a single CPU`, unit: "MB", key: "mb" }, pairs));
        rows.push(
          row(
            { name: `a CPU, ${place}`, unit: "KB", key: "kb" },
            grown.map((kb) => ({ subject: { kb }, floor: {} })),
          ),
        );
      }
    }
  }
  return rows;
};
