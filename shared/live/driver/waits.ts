// Things to be done after a while, which can be counted and called off together.
import { toMs } from "../process/timers.ts";

export class Waits {
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly done: () => void;

  /** `done` follows each of them. */
  constructor(done: () => void) {
    this.done = done;
  }

  get size(): number {
    return this.timers.size;
  }

  add(afterNs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
      this.done();
    }, toMs(afterNs));
    this.timers.add(timer);
  }

  cancel(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}
