// P10: requests of a load study in virtual time, in millions a minute on two cores, beside bare queues with the same arrivals.
import { fileURLToPath } from "node:url";
import { Schema } from "effect";
import { floor } from "./floor.ts";
import { interleave, type Row, row, type Sample, type Settings, type Target } from "./measure.ts";
import { start } from "./program.ts";

const target: Target = { of: "subject", bound: "at least", value: 10 };

/** What the figure needs of the study's document. */
const Study = Schema.fromJsonString(
  Schema.Struct({
    cells: Schema.Array(
      Schema.Struct({
        balance: Schema.Struct({ answered: Schema.Number, problems: Schema.Tuple([]) }),
        verdict: Schema.Literals(["valid"]),
      }),
    ),
  }),
);
const decode = Schema.decodeUnknownPromise(Study);

const launcher = fileURLToPath(new URL("../../quiesce", import.meta.url));

/** Two models at one rate, so that each core has one; patched every 2 s, with the start of the program in the time. */
const study = async (cpus: number): Promise<Sample> => {
  const begun = performance.now();
  const machine = ["--cpus", String(cpus), "--seed", "1", "--models", "simple,hybrid", "--rate", "50k/s", "--patches", "10"];
  const { cells } = await decode(await start({ command: launcher, args: ["load", ...machine, "--json", "--quiet"], pinned: false }).output);
  const answered = cells.reduce((sum, { balance }) => sum + balance.answered, 0);
  return { millionPerMinute: (answered * 60) / (performance.now() - begun) / 1000 };
};

export const p10 = async ({ trials, cpus: sizes = [8], floorsOnly }: Settings): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const cpus of sizes) {
    const pairs = await interleave(trials, floorsOnly ? undefined : () => study(cpus), floor("requestFloor", {}));
    rows.push(
      row({ name: `load, ${cpus} CPUs, beside bare queues`, unit: "million requests/min", key: "millionPerMinute", target }, pairs),
    );
  }
  return rows;
};
