// P7: our explorer beside Spin and rumur on the same graph, every state of it.
import { fileURLToPath } from "node:url";
import { printed } from "./floor.ts";
import { interleave, type Row, row, type Sampler, type Settings, type Target } from "./measure.ts";
import { type Graph, rumur, spin } from "./peers.ts";

const program = fileURLToPath(new URL("./rendezvousSearch.ts", import.meta.url));

const graph: Graph = { cpus: 4, retries: 2, states: 2_500_332, transitions: 18_887_456 };

const speedTarget: Target = { of: "ratio", bound: "at least", value: 1 };
const memoryTarget: Target = { of: "subject", bound: "at most", value: 60 };

/** One search in a process of its own, which must find every state. */
export const searched =
  ({ cpus, retries, states }: Graph, symmetric: boolean): Sampler =>
  async () => {
    const args = [program, "--cpus", String(cpus), "--retries", String(retries), "--symmetric", symmetric ? "1" : "0"];
    const sample = await printed(process.execPath, args);
    if (sample.states !== states) throw new Error(`found ${sample.states} states, not ${states}`);
    return sample;
  };

export const p7 = async ({ trials, floorsOnly }: Settings): Promise<readonly Row[]> => {
  const subject = floorsOnly ? undefined : searched(graph, false);
  const rows: Row[] = [];
  const figure = { unit: "million transitions/s", key: "millionPerSecond" };
  const bySpin = await spin(graph);
  if (bySpin !== undefined) {
    const pairs = await interleave(trials, subject, bySpin);
    rows.push(row({ ...figure, name: `${graph.cpus} CPUs beside Spin`, target: speedTarget }, pairs));
    rows.push(row({ name: "its memory", unit: "bytes a state", key: "bytesPerState", target: memoryTarget }, pairs));
  }
  const byRumur = await rumur(graph, false);
  if (byRumur !== undefined)
    rows.push(row({ ...figure, name: `${graph.cpus} CPUs beside rumur` }, await interleave(trials, subject, byRumur)));
  return rows;
};
