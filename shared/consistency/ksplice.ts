// Ksplice: stop the machine, scan every word of every stack, patch or try again a second later.
import type { Model } from "./model.ts";

export const ksplice: Model = {
  name: "ksplice",
  title: "stop the machine, scan every stack word by word, patch or try again",
  leave: "patched-set",
  switch: "kernel",
  gather: null,
  // Saved instruction pointer, restart function and every word that could be an address in a patched function (kmodsrc/ksplice.c). The
  // first is the innermost frame; the second matters only where sleepers are gathered first, for else no call is interrupted here.
  check: { reader: "words", walk: "serial", forced: false, nmiVeto: false },
  gradual: null,
  // For CPUs that do not answer, as kpatch's.
  limitNs: 2_000_000_000,
  onLimit: "abort",
  holdLimitNs: 3_000_000_000,
  // Five tries, one second apart.
  attempts: 5,
  retryNs: 1_000_000_000,
  source: "Ksplice 1.0 (kmodsrc/ksplice.c); Arnold and Kaashoek, EuroSys 2009",
};
