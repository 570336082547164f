// No consistency: each function is redirected as it is, whoever is in it. Linux 4.0 patched so; the baseline that must be caught.
import type { Model } from "./model.ts";

export const immediate: Model = {
  name: "immediate",
  title: "no consistency: redirect each function at once, whoever is in it",
  leave: "function",
  switch: "function",
  gather: null,
  check: null,
  gradual: {
    checkNs: 1_000_000_000,
    onGrid: false,
    signalEvery: 0,
    idle: false,
    tick: false,
    wakes: false,
    condResched: false,
    interrupts: "task",
    reversible: true,
    pokesAtEnd: false,
    sync: false,
  },
  // Nobody is waited for but CPUs that do not answer an IPI: csd_lock_timeout (kernel/smp.c) is when a kernel would complain.
  limitNs: 5_000_000_000,
  onLimit: "abort",
  holdLimitNs: 25_000_000_000,
  attempts: 1,
  retryNs: 10_000_000,
  source: "kernel/livepatch/core.c of Linux 4.0; the immediate flag of 4.12 to 4.15",
};
