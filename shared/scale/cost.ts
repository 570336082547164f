// What a run is expected to cost, before any has been made: enough to plan with, and to keep large ones from running side by side.
//
// Measured on one core of a virtual machine at 524,288 CPUs: 16 s and 2.1 GB flat, 67 s and 3.5 GB as tree:64.

export interface Cost {
  readonly seconds: number;
  readonly bytes: number;
}

const virtual = { startSeconds: 0.005, secondsPerCpu: 35e-6, startBytes: 150e6, bytesPerCpu: 4_000 };

/** With combiners, as measured with tree:64; taken for those of nodes too. */
const combined = { ...virtual, secondsPerCpu: 130e-6, bytesPerCpu: 6_500 };

/** Starting processes and putting their journals together takes most of it (measured: 8 and 4,096 CPUs on two cores). */
const live = { startSeconds: 1, secondsPerCpu: 1.5e-3, startBytes: 400e6, bytesPerCpu: 50_000 };

export const costOf = (engine: "live" | "virtual", cpus: number, topology: string): Cost => {
  const { startSeconds, secondsPerCpu, startBytes, bytesPerCpu } = engine === "live" ? live : topology === "flat" ? virtual : combined;
  return { seconds: startSeconds + cpus * secondsPerCpu, bytes: startBytes + cpus * bytesPerCpu };
};
