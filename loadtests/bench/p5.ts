// P5: one rendezvous of a machine of 1,048,576 CPUs in virtual time, straight and by a tree, beside a floor of sorted batches and peers.
import { floor, printed } from "./floor.ts";
import { interleave, type Row, row, type Settings, type Target } from "./measure.ts";
import { buildNs3, buildSimgrid } from "./simulators.ts";
import { virtual } from "./subject.ts";

const timeTarget: Target = { of: "subject", bound: "at most", value: 8 };
const memoryTarget: Target = { of: "subject", bound: "at most", value: 2048 };
const speedTarget: Target = { of: "subject", bound: "at least", value: 10 };

/** SimGrid needs 16 KB and more an actor, so that a million of them would not fit beside anything else; and without guard pages, of which a process may have 65,530. */
const simgridLimit = 131_072;
const simgridOptions = ["--cfg=contexts/stack-size:16", "--cfg=contexts/guard-size:0", "--log=xbt_cfg.thresh:warning"];
const phases = 8;

export const p5 = async ({ trials, cpus: sizes = [1_048_576], floorsOnly }: Settings): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  const [ns3, simgrid] = [await buildNs3(), await buildSimgrid()];
  for (const cpus of sizes) {
    const figure = { unit: "million CPU-phases/s", key: "millionPerSecond" };
    for (const topology of ["flat", "tree:64"]) {
      const subject = floorsOnly ? undefined : () => virtual(cpus, ["--topology", topology]);
      const pairs = await interleave(trials, subject, floor("batchFloor", { cpus, phases }));
      const name = `${cpus} CPUs, ${topology}`;
      rows.push(row({ name: `whole run, ${name}`, unit: "s", key: "seconds", target: timeTarget }, pairs));
      rows.push(row({ name: `peak memory, ${name}`, unit: "MB", key: "maxRssMb", target: memoryTarget }, pairs));
      rows.push(row({ ...figure, name: `${name}, beside sorted batches`, target: speedTarget }, pairs));
    }
    if (ns3 !== undefined) {
      const peer = () => printed(ns3, ["PriorityQueueScheduler", String(cpus), String(phases)]);
      const pairs = await interleave(trials, floorsOnly ? undefined : () => virtual(cpus), peer);
      rows.push(row({ ...figure, name: `${cpus} CPUs beside ns-3` }, pairs));
    }
    if (simgrid !== undefined) {
      const fewer = Math.min(cpus, simgridLimit);
      const pairs = await interleave(trials, floorsOnly ? undefined : () => virtual(fewer), () =>
        printed(simgrid, [...simgridOptions, String(fewer), "4"]),
      );
      rows.push(row({ ...figure, name: `${fewer} CPUs beside SimGrid` }, pairs));
      rows.push(row({ name: `peak memory, ${fewer} CPUs beside SimGrid`, unit: "MB", key: "maxRssMb" }, pairs));
    }
  }
  return rows;
};
