// Tasks that were forced over, whatever was on their stacks: each CPU's own count grows until its epoch is over.
import type { Handlers } from "../monitor.ts";

export class Forced {
  total = 0;
  private readonly seen: Int32Array;

  constructor(cpus: number) {
    this.seen = new Int32Array(cpus);
  }

  private readonly forget = ({ cpu }: { readonly cpu: number }): void => {
    this.seen[cpu] = 0;
  };

  readonly on: Handlers = {
    booted: this.forget,
    switched: ({ cpu, forced }) => {
      this.total += Math.max(0, forced - (this.seen[cpu] as number));
      this.seen[cpu] = forced;
    },
    resumed: this.forget,
  };
}
