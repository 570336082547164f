// What a run is expected to cost, before any has been made: enough to plan with, and to keep large ones from running side by side.
//
// Measured on one core of a virtual machine at 1,024 to 65,536 CPUs, models simple and hybrid: 60 to 120 us a CPU, 6 to 9 KB a CPU.

export interface Cost {
  readonly seconds: number;
  readonly bytes: number;
}

const virtual = { startSeconds: 0.005, secondsPerCpu: 90e-6, startBytes: 150e6, bytesPerCpu: 8_000 };

/** Starting processes and putting their journals together takes most of it (measured: 8 and 4,096 CPUs on two cores). */
const live = { startSeconds: 1, secondsPerCpu: 1.5e-3, startBytes: 400e6, bytesPerCpu: 50_000 };

export const costOf = (engine: "live" | "virtual", cpus: number): Cost => {
  const { startSeconds, secondsPerCpu, startBytes, bytesPerCpu } = engine === "live" ? live : virtual;
  return { seconds: startSeconds + cpus * secondsPerCpu, bytes: startBytes + cpus * bytesPerCpu };
};
