// The load of a machine as data: when requests arrive, whatever the machine is at (an open loop).

/** When requests arrive. `perSecond` is the mean rate of the whole machine; its CPUs share it alike. */
export type ArrivalPlan =
  /** Evenly spaced, the CPUs taking turns. */
  | { readonly kind: "constant"; readonly perSecond: number }
  | { readonly kind: "poisson"; readonly perSecond: number }
  /** A Poisson stream that is on for `onNs`, then off for `offNs`, on all CPUs at once. The rate is the mean over both. */
  | { readonly kind: "bursts"; readonly perSecond: number; readonly onNs: number; readonly offNs: number }
  /** A Poisson stream whose rate rises and falls by `swing` (from 0 to 1) of its mean, as a sine of period `everyNs`. */
  | { readonly kind: "diurnal"; readonly perSecond: number; readonly swing: number; readonly everyNs: number }
  /** Times that were recorded somewhere, ascending from the first at 0; the CPUs take turns. */
  | { readonly kind: "recorded"; readonly file: string; readonly timesNs: readonly number[] };

/** What a machine has to serve. */
export interface Load {
  readonly arrivals: ArrivalPlan;
  /** The plan begins then: CPUs are up by that time unless something has gone wrong. */
  readonly fromNs: number;
  /** How long the load goes on after the last operation. */
  readonly coolNs: number;
}

export const loadLimits = {
  /** Requests a second of a whole machine: beyond one a nanosecond there is nothing to tell them apart. */
  perSecond: 1e9,
  /** Times in a recorded plan: they are part of the journal's header. */
  recorded: 1_000_000,
} as const;
