// The hybrid that Linux adopted: sleepers switch by a check of their stacks, everyone else on leaving the kernel.
import type { Model } from "./model.ts";

export const hybrid: Model = {
  name: "hybrid",
  title: "sleeping tasks switch by a stack check, the rest at kernel exit, until all have",
  leave: "patched-set",
  switch: "task",
  gather: null,
  // One CPU walks all threads under tasklist_lock (klp_try_complete_transition).
  check: { reader: "reliable", walk: "serial", forced: false, nmiVeto: false },
  gradual: {
    // Delayed work of a second, rounded to whole seconds of jiffies (round_jiffies_relative, kernel/time/timer.c).
    checkNs: 1_000_000_000,
    onGrid: true,
    // SIGNALS_TIMEOUT (kernel/livepatch/transition.c).
    signalEvery: 15,
    idle: true,
    tick: true,
    wakes: false,
    condResched: false,
    interrupts: "task",
    reversible: true,
    pokesAtEnd: false,
    sync: true,
  },
  limitNs: null,
  onLimit: "reverse",
  holdLimitNs: 25_000_000_000,
  attempts: 1,
  retryNs: 10_000_000,
  source: "kernel/livepatch/transition.c of Linux 6.12",
};
