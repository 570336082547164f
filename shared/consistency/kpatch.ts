// kpatch before upstream: stop the machine, look at every stack, patch or give up busy.
import type { Model } from "./model.ts";

export const kpatch: Model = {
  name: "kpatch",
  title: "stop the machine, check every stack for patched functions, patch or give up busy",
  leave: "patched-set",
  switch: "kernel",
  gather: null,
  // One CPU walks all threads inside stop_machine; a trace that is cut off is taken for whole (kmod/core/core.c).
  check: { reader: "best-effort", walk: "serial", forced: true, nmiVeto: true },
  gradual: null,
  // No limit of its own: a stop either finds the stacks clear or is over at once. This one is for CPUs that do not answer.
  limitNs: 2_000_000_000,
  onLimit: "abort",
  holdLimitNs: 3_000_000_000,
  // One try in the kernel; its tool loads up to five times, two seconds apart (kpatch/kpatch, MAX_LOAD_ATTEMPTS, RETRY_INTERVAL).
  attempts: 5,
  retryNs: 2_000_000_000,
  source: "dynup/kpatch: kmod/core/core.c (activeness safety check, NMI states) and kpatch/kpatch (retries)",
};
