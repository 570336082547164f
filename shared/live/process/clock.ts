// The run's clock: ns since power-on, on the machine's monotonic clock, which all processes of one machine share.

/** The monotonic clock in ns. A double holds it exactly for 104 days of uptime. */
export const monotonicNs = (): number => Number(process.hrtime.bigint());

export class RunClock {
  private startedNs = monotonicNs();

  /** Sets the run's zero. */
  start(startedNs: number): void {
    this.startedNs = startedNs;
  }

  now(): number {
    return Math.max(0, monotonicNs() - this.startedNs);
  }
}
