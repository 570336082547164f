// System calls that failed because a fake signal ended their sleep: each CPU's own count grows until the CPU starts anew.
import type { FactOf, Handlers } from "../monitor.ts";

export class Interrupted {
  total = 0;
  private readonly seen: Float64Array;

  constructor(cpus: number) {
    this.seen = new Float64Array(cpus);
  }

  private readonly count = ({ cpu, census }: FactOf<"held" | "voted" | "resumed">): void => {
    this.total += Math.max(0, census.interrupted - (this.seen[cpu] as number));
    this.seen[cpu] = census.interrupted;
  };

  readonly on: Handlers = {
    booted: ({ cpu }) => {
      this.seen[cpu] = 0;
    },
    held: this.count,
    voted: this.count,
    resumed: this.count,
  };
}
