// What the driver tells whoever looks on, on the run's view subject: JSON, so that any tool can show it; for processes and pages alike.
//
// Everything else a page hears from the bus itself. Frames are numbered: one that is missing was not sent, or was lost on the way.
import type { FaultCount } from "../../nemesis/plan.ts";
import type { CoordinatorFact } from "../../protocol/facts.ts";
import type { PacketCounts } from "../../protocol/observer.ts";

export const viewLimits = {
  /** Between two frames. */
  pauseMs: 33,
  /** Facts of a frame; more are left out and counted. */
  facts: 256,
} as const;

/** Facts that say more than can be heard on the bus, or say it for sure. */
export type ViewFact = Extract<
  CoordinatorFact,
  { fact: "took" | "stood-down" | "died" | "opened" | "round-ended" | "decided" | "closed" | "finished" }
>;

const shownFacts: ReadonlySet<string> = new Set<ViewFact["fact"]>([
  "took",
  "stood-down",
  "died",
  "opened",
  "round-ended",
  "decided",
  "closed",
  "finished",
]);

export const isShown = (fact: CoordinatorFact): fact is ViewFact => shownFacts.has(fact.fact);

export interface ViewFrame {
  readonly number: number;
  /** Ns since power-on. */
  readonly at: number;
  readonly facts: ReadonlyArray<readonly [at: number, fact: ViewFact]>;
  /** Facts that were left out since the run began. */
  readonly omitted: number;
  /** All operations are done, everyone is up, and nothing is still to come. */
  readonly settled: boolean;
  /** Absent where they are as in the frame before: processes say four times a second what they have counted. */
  readonly counts?: { readonly packets: PacketCounts; readonly faults: readonly FaultCount[] };
}

export const encodeView = (frame: ViewFrame): Uint8Array => new TextEncoder().encode(JSON.stringify(frame));

/** Undefined of what is none. Only the driver may publish it: that it says what it should is not checked any further. */
export const readView = (bytes: Uint8Array): ViewFrame | undefined => {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const isFrame = typeof value === "object" && value !== null && "number" in value && "facts" in value && Array.isArray(value.facts);
    return isFrame ? (value as ViewFrame) : undefined;
  } catch {
    return undefined;
  }
};
