// Ingo Molnar's simple method: bring every task out of kernel mode, hold it there, stop the machine, patch, let go.
import type { Model } from "./model.ts";

export const simple: Model = {
  name: "simple",
  title: "hold every task outside the kernel, stop the machine, patch, release",
  leave: "kernel",
  switch: "kernel",
  gather: { userMode: "park", passes: 1 },
  check: null,
  gradual: null,
  // The freezer's limit (kernel/power/process.c, freeze_timeout_msecs): the mail sets none.
  limitNs: 20_000_000_000,
  onLimit: "abort",
  holdLimitNs: 25_000_000_000,
  attempts: 3,
  retryNs: 10_000_000,
  source: "Ingo Molnar, live patching design, LKML 20 Feb 2015 (1502.2/03044); limit of the freezer, kernel/power/process.c",
};
