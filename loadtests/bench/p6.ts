// P6: a virtual run that loses one packet in a hundred and asks again, beside the same run that loses none.
import { interleave, type Row, row, type Settings, type Target } from "./measure.ts";
import { virtual } from "./subject.ts";

const target: Target = { of: "ratio", bound: "at most", value: 2 };

export const p6 = async ({ trials, cpus: sizes = [10_000, 100_000], floorsOnly }: Settings): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const cpus of sizes) {
    const lossy = floorsOnly ? undefined : () => virtual(cpus, ["--fault", "drop 1% of any"]);
    const pairs = await interleave(trials, lossy, () => virtual(cpus));
    rows.push(row({ name: `1 % lost beside none, ${cpus} CPUs`, unit: "s", key: "seconds", target }, pairs));
    rows.push(row({ name: `events of it, ${cpus} CPUs`, unit: "events", key: "events" }, pairs));
  }
  return rows;
};
