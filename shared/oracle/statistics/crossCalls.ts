// Calls with wait between CPUs (R10): how many came to their end, from when the first CPU ran to the end of the run.
import type { Handlers } from "../monitor.ts";

export class CrossCalls {
  ended = 0;
  private since: number | null = null;

  readonly on: Handlers = {
    running: (_, at) => {
      this.since ??= at;
    },
    "call-ended": () => {
      this.ended++;
    },
  };

  /** The time over which they were counted. */
  secondsUntil(at: number): number {
    return this.since === null ? 0 : Math.max(0, at - this.since) / 1e9;
  }
}
