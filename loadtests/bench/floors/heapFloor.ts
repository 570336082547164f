// Floor of virtual time: a typed-array 4-ary heap ordered by (time, sequence), and CPUs that do nothing but answer a broadcast after Exp(1 ms).
import { parseArgs } from "node:util";
import { delayNs } from "./delay.ts";

/** Events in typed arrays: no object per event, so nothing for the garbage collector. */
class EventHeap {
  readonly #times: Float64Array;
  readonly #sequences: Float64Array;
  readonly #cpus: Int32Array;
  #size = 0;
  #sequence = 0;
  /** The time of the event that was popped last. */
  now = 0;

  constructor(capacity: number) {
    this.#times = new Float64Array(capacity);
    this.#sequences = new Float64Array(capacity);
    this.#cpus = new Int32Array(capacity);
  }

  push(time: number, cpu: number): void {
    const times = this.#times;
    let hole = this.#size++;
    // The new event has the highest sequence number, so it goes above a parent only if it is strictly earlier.
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      if ((times[parent] as number) <= time) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, time, this.#sequence++, cpu);
  }

  /** The CPU of the earliest event. */
  pop(): number {
    const cpu = this.#cpus[0] as number;
    this.now = this.#times[0] as number;
    const last = --this.#size;
    const time = this.#times[last] as number;
    const sequence = this.#sequences[last] as number;
    let hole = 0;
    for (let child = 1; child < last; child = 4 * hole + 1) {
      const least = this.#leastOf(child, Math.min(child + 4, last));
      if (!this.#before(least, time, sequence)) break;
      this.#move(least, hole);
      hole = least;
    }
    this.#put(hole, time, sequence, this.#cpus[last] as number);
    return cpu;
  }

  #leastOf(from: number, to: number): number {
    let least = from;
    for (let i = from + 1; i < to; i++) if (this.#before(i, this.#times[least] as number, this.#sequences[least] as number)) least = i;
    return least;
  }

  #before(i: number, time: number, sequence: number): boolean {
    const own = this.#times[i] as number;
    return own < time || (own === time && (this.#sequences[i] as number) < sequence);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from] as number, this.#sequences[from] as number, this.#cpus[from] as number);
  }

  #put(at: number, time: number, sequence: number, cpu: number): void {
    this.#times[at] = time;
    this.#sequences[at] = sequence;
    this.#cpus[at] = cpu;
  }
}

/** Runs the phases one after the other; each ends when every CPU has answered. */
const run = (cpus: number, phases: number): void => {
  const heap = new EventHeap(cpus);
  const phaseOf = new Uint8Array(cpus);
  for (let phase = 0; phase < phases; phase++) {
    const begun = heap.now;
    for (let cpu = 0; cpu < cpus; cpu++) heap.push(begun + delayNs(), cpu);
    for (let answers = 0; answers < cpus; answers++) phaseOf[heap.pop()] = phase & 3;
  }
};

const { values } = parseArgs({ options: { cpus: { type: "string", default: "100000" }, phases: { type: "string" } } });
const cpus = Number(values.cpus);
// About four million CPU-phases: near a second, whatever the number of CPUs.
const phases = Number(values.phases ?? Math.max(4, Math.round(4e6 / cpus)));
run(1000, 400);
const begun = performance.now();
run(cpus, phases);
const elapsedMs = performance.now() - begun;
console.log(JSON.stringify({ millionPerSecond: (cpus * phases) / elapsedMs / 1000, maxRssMb: process.resourceUsage().maxRSS / 1024 }));
