// kGraft: each task switches by itself when it crosses the kernel boundary, each kernel thread at its safe point.
import type { Model } from "./model.ts";

export const kgraft: Model = {
  name: "kgraft",
  title: "each task switches where it crosses the kernel boundary, kernel threads at safe points",
  leave: "kernel",
  switch: "task",
  gather: null,
  check: null,
  gradual: {
    // KGR_TIMEOUT (kernel/kgraft.c). Fake signals came later, in the SLE variant, and are off here.
    checkNs: 2_000_000_000,
    onGrid: false,
    signalEvery: 0,
    idle: false,
    tick: false,
    wakes: true,
    condResched: false,
    interrupts: "cpu",
    reversible: false,
    // From the slow stub that asks the task to the fast one that does not.
    pokesAtEnd: true,
    sync: false,
  },
  limitNs: null,
  onLimit: "force",
  holdLimitNs: 25_000_000_000,
  attempts: 1,
  retryNs: 10_000_000,
  source: "kernel/kgraft.c at db4ef265ecc (jirislaby/kgraft); Jiri Slaby and Jiri Kosina, 2014",
};
