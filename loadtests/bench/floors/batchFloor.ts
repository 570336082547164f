// Floor of virtual time in batches: a broadcast is one sorted batch of answers, and CPUs do nothing but answer after Exp(1 ms).
import { parseArgs } from "node:util";
import { delayNs } from "./delay.ts";

/** Two passes of this many bits hold every delay: the longest that a 32-bit draw gives is 22.2 ms in ns. */
const bits = 13;
const buckets = 1 << bits;

/** Answers in the order of their delays, ties in the order of their CPUs: a radix sort that moves delays and CPUs together. */
class Batch {
  #delays: Uint32Array;
  #cpus: Int32Array;
  #spareDelays: Uint32Array;
  #spareCpus: Int32Array;
  readonly #starts = new Uint32Array(buckets);

  constructor(size: number) {
    this.#delays = new Uint32Array(size);
    this.#cpus = new Int32Array(size);
    this.#spareDelays = new Uint32Array(size);
    this.#spareCpus = new Int32Array(size);
  }

  /** The CPUs in the order in which they answer. */
  draw(): Int32Array {
    for (let cpu = 0; cpu < this.#cpus.length; cpu++) {
      this.#delays[cpu] = delayNs();
      this.#cpus[cpu] = cpu;
    }
    this.#pass(0);
    this.#pass(bits);
    return this.#cpus;
  }

  #pass(shift: number): void {
    const [delays, cpus, starts] = [this.#delays, this.#cpus, this.#starts];
    starts.fill(0);
    for (const delay of delays) {
      const bucket = (delay >>> shift) & (buckets - 1);
      starts[bucket] = (starts[bucket] as number) + 1;
    }
    for (let bucket = 0, start = 0; bucket < buckets; bucket++) {
      const count = starts[bucket] as number;
      starts[bucket] = start;
      start += count;
    }
    const [toDelays, toCpus] = [this.#spareDelays, this.#spareCpus];
    for (let i = 0; i < delays.length; i++) {
      const delay = delays[i] as number;
      const bucket = (delay >>> shift) & (buckets - 1);
      const to = starts[bucket] as number;
      starts[bucket] = to + 1;
      toDelays[to] = delay;
      toCpus[to] = cpus[i] as number;
    }
    [this.#delays, this.#spareDelays] = [toDelays, delays];
    [this.#cpus, this.#spareCpus] = [toCpus, cpus];
  }
}

/** Runs the phases one after the other; each ends when every CPU has answered. */
const run = (cpus: number, phases: number): void => {
  const batch = new Batch(cpus);
  const phaseOf = new Uint8Array(cpus);
  for (let phase = 0; phase < phases; phase++) for (const cpu of batch.draw()) phaseOf[cpu] = phase & 3;
};

const { values } = parseArgs({ options: { cpus: { type: "string", default: "1048576" }, phases: { type: "string", default: "8" } } });
const cpus = Number(values.cpus);
const phases = Number(values.phases);
run(1000, 400);
const begun = performance.now();
run(cpus, phases);
const elapsedMs = performance.now() - begun;
const maxRssMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ millionPerSecond: (cpus * phases) / elapsedMs / 1000, maxRssMb }));
