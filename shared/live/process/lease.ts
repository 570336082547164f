// The lease of a process on its CPUs: when it ends unrenewed, others may take the CPUs for dead, so they take no further step.
import { monotonicNs } from "./clock.ts";
import { toMs } from "./timers.ts";

export class ProcessLease {
  private untilNs = Infinity;
  private timer: NodeJS.Timeout | undefined;

  /** The agent renews only what has not ended: so what ended here while orders were waiting has not. */
  extend(untilNs: number): void {
    this.untilNs = untilNs;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), toMs(untilNs - monotonicNs())).unref();
  }

  /** Dies on the spot if the lease is over, as a process dies that is killed. */
  check(): void {
    if (this.untilNs === Infinity || monotonicNs() < this.untilNs) return;
    process.kill(process.pid, "SIGKILL");
    throw new Error("a process outlived its own SIGKILL");
  }
}
