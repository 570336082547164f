// `npm run soak`: live runs until something gives.
//
//   npm run soak -- --minutes 5 --patches 200 --cpus 8 --seed 1 --model simple --loss 10
//
// Runs of many patches each while real faults wear the machine down, one after the other until the time is up. Each run must end valid and
// leave no process behind. The first that does not ends the soak with code 1 and names its run folder.
//
//   npm run soak -- growth --patches 10000 --rate 500/s --calls 200/s --reschedules 500/s
//
// One run of many patches, one directly after the other, under load. No process of it may need more memory or open files as it goes on.
import { parseArgs } from "node:util";
import { wearDown } from "./chaos.ts";
import { watchGrowth } from "./growthReport.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "5" },
    runs: { type: "string", default: "1000" },
    patches: { type: "string" },
    cpus: { type: "string", default: "8" },
    seed: { type: "string", default: "1" },
    model: { type: "string", default: "simple" },
    loss: { type: "string", default: "10" },
    /** Seconds of each run over which the faults are spread: about as long as its patches take under them. */
    span: { type: "string" },
    rate: { type: "string", default: "500/s" },
    calls: { type: "string", default: "200/s" },
    reschedules: { type: "string", default: "500/s" },
    /** Keep the results in loadtests/soak/growth.csv. */
    record: { type: "boolean", default: false },
  },
});

const numberOf = (name: "minutes" | "runs" | "cpus" | "seed" | "loss" | "span" | "patches", usual?: number): number => {
  const value = values[name] === undefined ? usual : Number(values[name]);
  if (value === undefined || !Number.isFinite(value) || value < 0) throw new Error(`--${name} ${values[name]} is no number from 0 on`);
  return value;
};

const common = { cpus: numberOf("cpus"), seed: numberOf("seed"), model: values.model };

if (positionals[0] === "growth") {
  const { rate, calls, reschedules, record } = values;
  process.exitCode = await watchGrowth({ ...common, patches: numberOf("patches", 10_000), rate, calls, reschedules }, record);
} else {
  const patches = numberOf("patches", 200);
  const spanNs = 1e9 * numberOf("span", patches / 4);
  const limits = { minutes: numberOf("minutes"), runs: numberOf("runs") };
  process.exitCode = await wearDown({ ...common, ...limits, patches, spanNs, loss: numberOf("loss") });
}
