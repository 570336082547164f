// What each CPU counts from its start on, added up over the machine and over all lives: interrupted system calls, time that tasks were held.
import type { Census } from "../../kernel/life.ts";
import type { FactOf, Handlers } from "../monitor.ts";

export class Grown {
  total = 0;
  private readonly seen: Float64Array;
  private readonly read: (census: Census) => number;

  constructor(cpus: number, read: (census: Census) => number) {
    this.seen = new Float64Array(cpus);
    this.read = read;
  }

  private readonly count = ({ cpu, census }: FactOf<"held" | "voted" | "resumed">): void => {
    const now = this.read(census);
    this.total += Math.max(0, now - (this.seen[cpu] as number));
    this.seen[cpu] = now;
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
