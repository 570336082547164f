// Calls with wait between CPUs as a load of their own (R10): how many came to an end, how often they were sent again, how long their callers spun.
import type { Histogram } from "hdr-histogram-js";
import type { Handlers } from "../oracle/monitor.ts";
import { emptyHdr, type LoadPhase } from "./latency.ts";
import type { Windows } from "./windows.ts";

/** Counts calls that began at `fromNs` or later. Each caller has one under way at most, so that no more than one a CPU goes untold at the end. */
export class Calls {
  readonly on: Handlers;
  /** From the call to its answer at the caller, by what it met. */
  readonly waits: Readonly<Record<LoadPhase, Histogram>> = { before: emptyHdr(), during: emptyHdr(), after: emptyHdr() };
  ended = 0;
  /** Copies of calls whose answer was long in coming. */
  resent = 0;

  constructor(windows: Windows, fromNs: number, afterNs: number) {
    this.on = {
      "call-ended": ({ waitedNs, resent }, at) => {
        const beganAt = at - waitedNs;
        if (beganAt < fromNs) return;
        this.ended++;
        this.resent += resent;
        this.waits[windows.phaseOf(beganAt, at, afterNs).phase].recordValue(waitedNs);
      },
    };
  }
}
