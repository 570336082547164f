// What a virtual run is given, and what it gives back.
import type { RequestSink } from "../kernel/requests/sink.ts";
import type { FaultCount, Plan } from "../nemesis/plan.ts";
import type { End, Observer } from "../protocol/observer.ts";
import type { Setup } from "../protocol/setup.ts";
import type { Carried } from "./network.ts";

export interface VirtualOptions {
  readonly setup: Setup;
  readonly plan: Plan;
  /** When faults are switched off if the run has not ended by then; it must then end within the convergence bound. */
  readonly timeLimitNs: number;
  /** How many events a run may take: a limit on everything. */
  readonly eventLimit: number;
  /** Told of every turn and fault; null for speed. */
  readonly observer: Observer | null;
  /** Asked after every event, or sweep of them: true from when on the run is to be left, and ends as interrupted. */
  readonly isEnough?: () => boolean;
  /** Told of every packet as it is sent. */
  readonly onPacket?: (packet: Carried) => void;
  /** Where the machine has a load: told of its requests. */
  readonly requests?: RequestSink;
}

export interface VirtualResult {
  readonly end: End;
  /** None of a run that was left: nobody knows what might still have struck. */
  readonly faults: readonly FaultCount[];
}
