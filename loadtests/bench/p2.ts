// P2: a live whole stop beside as many bare rounds and one bare update of the register's key.
import { floor } from "./floor.ts";
import { interleave, type Row, row, type Sampler, type Settings, type Target } from "./measure.ts";
import { live, patchesOf, roundsPerPatch, warmupOf } from "./subject.ts";

const target: Target = { of: "ratio", bound: "at most", value: 1.25 };

/** Measured one after the other and added: a stop does nothing but this, in this order. */
const wholeStop = (cpus: number, hosts: number, patches: number, pinned: boolean): Sampler => {
  const total = patches * roundsPerPatch;
  const warmup = warmupOf(total);
  const round = floor("natsRound", { cpus, hosts, warmup, rounds: total - warmup }, pinned);
  const update = floor("keyUpdate", {}, pinned);
  return async () => {
    const roundUs = (await round()).p50Us ?? Number.NaN;
    const updateUs = (await update()).p50Us ?? Number.NaN;
    return { roundUs, updateUs, stopUs: roundsPerPatch * roundUs + updateUs };
  };
};

export const p2 = async ({ trials, patches, cpus: sizes = [8, 4096], hosts: shares, floorsOnly }: Settings): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const pinned of [true, false]) {
    for (const hosts of shares) {
      for (const cpus of sizes) {
        const times = patchesOf(cpus, patches);
        const subject = floorsOnly ? undefined : () => live({ cpus, hosts, patches: times, pinned });
        const pairs = await interleave(trials, subject, wholeStop(cpus, hosts, times, pinned));
        const place = `${cpus} CPUs, ${hosts} host${hosts > 1 ? "s" : ""}, ${pinned ? "pinned" : "free"}`;
        rows.push(row({ name: `whole stop, ${place}`, unit: "µs", key: "stopUs", target }, pairs));
        if (floorsOnly) rows.push(row({ name: `key update alone, ${pinned ? "pinned" : "free"}`, unit: "µs", key: "updateUs" }, pairs));
      }
    }
  }
  return rows;
};
