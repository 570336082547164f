// P4: the virtual engine with real machines beside a bare event heap, and beside ns-3 where it is installed.
import { floor, printed } from "./floor.ts";
import { interleave, type Row, row, type Settings, type Target } from "./measure.ts";
import { buildNs3 } from "./simulators.ts";
import { virtual, virtualRounds } from "./subject.ts";

const speedTarget: Target = { of: "subject", bound: "at least", value: 2.5 };
const peerTarget: Target = { of: "ratio", bound: "at least", value: 1 };

/** Floor and peer have no start: a run pays its own, and rounds of a machine that is up do not. */
const subjects = [
  ["whole run", virtual],
  ["rounds", virtualRounds],
] as const;

/** Near a second of work, whatever the number of CPUs. */
const phasesOf = (cpus: number): number => Math.max(4, Math.round(4e6 / cpus));

export const p4 = async ({ trials, cpus: sizes = [100_000], floorsOnly }: Settings): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  const ns3 = await buildNs3();
  for (const cpus of sizes) {
    const figure = { unit: "million CPU-phases/s", key: "millionPerSecond" };
    for (const [what, measure] of subjects) {
      const subject = floorsOnly ? undefined : () => measure(cpus);
      const heap = await interleave(trials, subject, floor("heapFloor", { cpus, phases: phasesOf(cpus) }));
      rows.push(row({ ...figure, name: `${what}, ${cpus} CPUs beside a bare heap`, target: speedTarget }, heap));
      if (ns3 === undefined) continue;
      // The fastest of its schedulers at every size that was tried.
      const peer = () => printed(ns3, ["PriorityQueueScheduler", String(cpus), String(phasesOf(cpus))]);
      rows.push(row({ ...figure, name: `${what}, ${cpus} CPUs beside ns-3`, target: peerTarget }, await interleave(trials, subject, peer)));
    }
  }
  return rows;
};
