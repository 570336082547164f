// A workload of your own: a program that computes, writes and waits for its disk. Then the search for what a stop may meet on it.
import { defineWorkload, explore, run } from "quiesce";

const writer = defineWorkload({
  schema: "quiesce.workload/1",
  name: "writer",
  title: "computes, writes, and waits for its disk at one write in four",
  source: "an example: no program was recorded",
  tasksPerCpu: 3,
  userNs: { kind: "exponential", meanNs: 40_000 },
  calls: [
    { name: "write", weight: 3, cpuNs: { kind: "log-normal", medianNs: 4_000, sigma: 0.8, maxNs: 1_000_000 }, restarts: true },
    {
      name: "fsync",
      weight: 1,
      cpuNs: { kind: "constant", ns: 9_000 },
      sleep: { probability: 0.9, kind: "uninterruptible", ns: { kind: "exponential", meanNs: 2_000_000 } },
      restarts: true,
    },
  ],
  kthreads: [],
  irqsOff: { perSecond: 300, ns: { kind: "exponential", meanNs: 8_000 } },
  nmis: { perSecond: 0 },
  crossCalls: { perSecond: 100 },
});

const { verdict, outcome, blame } = run({ workload: writer, cpus: 32, fault: ["drop 10% of any"] });
console.log(`${verdict}: ${outcome}`);
console.log(blame[0]);

const { states, verdict: proved } = explore({ model: "simple" }, { drops: 1 });
console.log(`every interleaving of two CPUs that lose one packet: ${states} states, ${proved}`);
