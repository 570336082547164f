// Leases, as arithmetic: how long a host may act, and from when on another may take it for dead.
//
// An expired lease is silence, not death. A host counts its lease by its own clock from before it asked for it, and stops its CPUs before
// the lease ends. Whoever watches counts by its own clock from when it saw the renewal, which is later, and adds what the clocks may
// differ by. Even then it only *asks* whether the host is dead: it writes so by compare-and-set on the very renewal that it saw, which
// fails if there has been another. So when that write succeeds, the host has stopped, and no renewal of it can succeed any more.

export const leaseLimits = {
  /** Shortest and longest lease. Shorter than this and a busy machine would lose its own; longer and a death would outlast every limit. */
  leastNs: 500e6,
  mostNs: 600e9,
  usualNs: 10e9,
  /** Where there are copies: when the server that leads them is lost, nothing can be renewed until another is chosen (4 to 9 s). */
  copiesNs: 30e9,
  /** Renewals that may be lost, one after the other, before a lease ends. */
  renewals: 3,
  /** How much faster one monotonic clock may run than another. Crystals differ by less than a tenth of this. */
  drift: 0.002,
  /** A host's last step before its lease ends may take this long. */
  stopNs: 250e6,
} as const;

/** How often a holder renews, and a watcher looks. */
export const renewEveryNs = (leaseNs: number): number => leaseNs / (leaseLimits.renewals + 1);

/** Until when its holder may act, by the holder's clock: `askedAt` is when it asked for the renewal that was then confirmed. */
export const heldUntil = (askedAt: number, leaseNs: number): number => askedAt + leaseNs;

/** What a watcher saw last of a holder: a revision of its record, and when it saw that for the first time, by the watcher's clock. */
export interface Sighting {
  readonly revision: number;
  readonly at: number;
}

/** A revision that was seen before is no sign of life. */
export const sighting = (before: Sighting | undefined, revision: number, now: number): Sighting =>
  before?.revision === revision ? before : { revision, at: now };

/** True from when on its holder has stopped, if it has not renewed its lease since. */
export const isOver = ({ at }: Sighting, leaseNs: number, now: number): boolean =>
  now > at + leaseNs * (1 + leaseLimits.drift) + leaseLimits.stopNs;

/** What is known of a run that is taken over: times of the server's clock in ms, and others in ns. */
export interface Interrupted {
  /** When it was written down, which is before its power-on. */
  readonly writtenMs: number;
  /** When it was taken over. */
  readonly claimedMs: number;
  /** How long it had been going when its coordinator was heard last, and how long that one has been silent since. */
  readonly atNs: number;
  readonly silentNs: number;
  readonly leaseNs: number;
  /** How often it has been taken over, with this time. */
  readonly times: number;
}

/**
 * How long a run is said to have been going when it is taken over: longer than anybody in it can have thought, for its CPUs went on while
 * nobody coordinated it, however long that was. A lease on top, each time, is more than clocks of servers differ by.
 */
export const resumedAt = ({ writtenMs, claimedMs, atNs, silentNs, leaseNs, times }: Interrupted): number =>
  Math.max((claimedMs - writtenMs) * 1e6, atNs + silentNs) + times * leaseNs;

/** Within one life of a range a CPU may start again so often. */
export const lifeStride = 1_000;

/** A range may have so many lives, and a run so many who coordinate it, one after the other: incarnations have 31 bits. */
export const mostLives = 1_000;

/**
 * A range's lives start their CPUs in incarnations of their own: the first in 1, each later one so much higher. Who takes a run over starts
 * all CPUs anew, above all that those before may ever have started, who may not know yet that they were followed.
 */
export const firstIncarnation = (life: number, coordinator: number): number => {
  if (life > mostLives || coordinator > mostLives) throw new RangeError(`life ${life} under coordinator ${coordinator} is one too many`);
  return 1 + ((coordinator - 1) * mostLives + life - 1) * lifeStride;
};
