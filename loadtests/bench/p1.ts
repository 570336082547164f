// P1: a live round beside the bare combined round of the same shape.
import { floor } from "./floor.ts";
import { interleave, type Row, row, type Settings, type Target } from "./measure.ts";
import { live, patchesOf, roundsPerPatch, warmupOf } from "./subject.ts";

const target: Target = { of: "ratio", bound: "at most", value: 1.25 };

export const p1 = async ({
  trials,
  patches,
  cpus: sizes = [8, 64, 512, 4096],
  hosts: shares,
  floorsOnly,
}: Settings): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const pinned of [true, false]) {
    for (const hosts of shares) {
      for (const cpus of sizes) {
        const times = patchesOf(cpus, patches);
        const total = times * roundsPerPatch;
        const warmup = warmupOf(total);
        const subject = floorsOnly ? undefined : () => live({ cpus, hosts, patches: times, pinned });
        const pairs = await interleave(trials, subject, floor("natsRound", { cpus, hosts, warmup, rounds: total - warmup }, pinned));
        const place = `${cpus} CPUs, ${hosts} host${hosts > 1 ? "s" : ""}, ${pinned ? "pinned" : "free"}`;
        // Free runs do not repeat well enough to be held to a bound.
        rows.push(row({ name: `round p50, ${place}`, unit: "µs", key: "p50Us", ...(pinned ? { target } : {}) }, pairs));
        rows.push(row({ name: `round p99, ${place}`, unit: "µs", key: "p99Us" }, pairs));
      }
    }
  }
  return rows;
};
