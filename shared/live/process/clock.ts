// The clocks of a process: the run's own, and Lamport's.

/** The machine's monotonic clock in ns, which all its processes share. A double holds it exactly for 104 days of uptime. */
export const monotonicNs = (): number => Number(process.hrtime.bigint());

/** Ns since power-on. */
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

/** A frame whose Lamport clock is further ahead than this is refused: nobody's clock may be driven to where numbers end. */
const aheadLimitUs = 3_600_000_000;

/**
 * Lamport's clock, which also never lags behind the run's clock in µs: so whatever follows the end of a killed process, which told
 * nobody how far its clock had come, comes after that in the journal too.
 */
export class LamportClock {
  private readonly clock: RunClock;
  private value = 0;

  constructor(clock: RunClock) {
    this.clock = clock;
  }

  get now(): number {
    return this.value;
  }

  admits(heard: number): boolean {
    return heard <= Math.max(this.value, this.microseconds()) + aheadLimitUs;
  }

  /** A turn begins. `heard` is the clock of the frame that caused it, or 0. */
  tick(heard: number): void {
    this.value = Math.max(this.value + 1, heard + 1, this.microseconds());
  }

  private microseconds(): number {
    return Math.floor(this.clock.now() / 1e3);
  }
}
