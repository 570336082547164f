// P8: the same graph up to renaming of CPUs, beside rumur with its scalarset.
import { interleave, type Row, row, type Settings, type Target } from "./measure.ts";
import { searched } from "./p7.ts";
import { type Graph, rumur } from "./peers.ts";

const graph: Graph = { cpus: 5, retries: 2, states: 754_909, transitions: 7_082_437 };

const target: Target = { of: "subject", bound: "at most", value: 5 };

export const p8 = async ({ trials, floorsOnly }: Settings): Promise<readonly Row[]> => {
  const byRumur = await rumur(graph, true);
  if (byRumur === undefined) return [];
  const pairs = await interleave(trials, floorsOnly ? undefined : searched(graph, true), byRumur);
  return [row({ name: `${graph.cpus} CPUs up to renaming, beside rumur`, unit: "s", key: "seconds", target }, pairs)];
};
