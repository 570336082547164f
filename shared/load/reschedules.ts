// Reschedule interrupts as a load of their own: how many left, how many arrived, and how long they were on their way.
//
// Nobody waits for them, so that whatever queue they stand in, at the sender, in the network or at a CPU that does not take them up, shows
// in nothing but this time.
import type { Histogram } from "hdr-histogram-js";
import type { TurnTaken } from "../protocol/observer.ts";
import { emptyHdr, type LoadPhase } from "./latency.ts";
import type { Windows } from "./windows.ts";

/** Counts those that were sent at `fromNs` or later. */
export class Reschedules {
  readonly waits: Readonly<Record<LoadPhase, Histogram>> = { before: emptyHdr(), during: emptyHdr(), after: emptyHdr() };
  sent = 0;
  /** Copies, too, where a fault makes some. */
  arrived = 0;
  private readonly windows: Windows;
  private readonly fromNs: number;
  private readonly afterNs: number;

  constructor(windows: Windows, fromNs: number, afterNs: number) {
    this.windows = windows;
    this.fromNs = fromNs;
    this.afterNs = afterNs;
  }

  see({ input, outputs }: TurnTaken): void {
    for (const output of outputs)
      if (output.kind === "send" && output.msg.kind === "reschedule" && output.msg.sentNs >= this.fromNs) this.sent++;
    if (input.kind !== "deliver" || input.msg.kind !== "reschedule" || input.msg.sentNs < this.fromNs) return;
    this.arrived++;
    // Live, a clock that is read in one process may be a little behind one that was read in another.
    const ns = Math.max(0, input.at - input.msg.sentNs);
    this.waits[this.windows.phaseOf(input.msg.sentNs, input.at, this.afterNs).phase].recordValue(ns);
  }
}
