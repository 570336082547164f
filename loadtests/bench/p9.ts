// P9: a chaos study in virtual time, in runs a second, beside a study of the same runs without a fault.
import { interleave, type Row, row, type Settings, type Target } from "./measure.ts";
import { chaos } from "./subject.ts";

const target: Target = { of: "subject", bound: "at least", value: 2_000 };

const seeds = 2_000;

export const p9 = async ({ trials, cpus: sizes = [16], floorsOnly }: Settings): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const cpus of sizes) {
    // A share of nothing is taken out of the plan, and given faults stand for the swarm.
    const calm = () => chaos(cpus, seeds, ["--fault", "drop 0% of any"]);
    const pairs = await interleave(trials, floorsOnly ? undefined : () => chaos(cpus, seeds, []), calm);
    rows.push(row({ name: `chaos, simple, ${cpus} CPUs, beside no chaos`, unit: "runs/s", key: "runsPerSecond", target }, pairs));
  }
  return rows;
};
