// When operations were under way, from facts: from the opening of an operation's first epoch to its commit, retries included.
import type { Handlers } from "../oracle/monitor.ts";
import type { Operation } from "../protocol/messages.ts";
import type { LoadPhase } from "./latency.ts";

export interface OperationWindow {
  readonly operation: Operation;
  readonly openedAt: number;
  /** Infinity while it is under way. */
  closedAt: number;
  /** Null while it is under way. */
  outcome: "committed" | "gave-up" | null;
}

export class Windows {
  readonly all: OperationWindow[] = [];
  readonly on: Handlers;

  /** `onOpened` is told before anything is counted as during the operation. */
  constructor(onOpened: (window: OperationWindow) => void) {
    this.on = {
      opened: ({ operation }, at) => {
        if (this.open !== undefined) return;
        const window: OperationWindow = { operation, openedAt: at, closedAt: Infinity, outcome: null };
        onOpened(window);
        this.all.push(window);
      },
      closed: ({ outcome }, at) => {
        if (outcome === "committed") this.close("committed", at);
      },
      finished: ({ outcome }, at) => this.close(outcome, at),
    };
  }

  /**
   * A request belongs to the operation that it met at any moment from its intended start to its answer. Else it is `after` if it began
   * within `afterNs` of the end of one.
   */
  phaseOf(intended: number, done: number, afterNs: number): { readonly phase: LoadPhase; readonly index: number } {
    for (let index = this.all.length - 1; index >= 0; index--) {
      const { openedAt, closedAt } = this.all[index] as OperationWindow;
      if (openedAt >= done) continue;
      if (intended < closedAt) return { phase: "during", index };
      return { phase: intended < closedAt + afterNs ? "after" : "before", index };
    }
    return { phase: "before", index: -1 };
  }

  private get open(): OperationWindow | undefined {
    const last = this.all.at(-1);
    return last?.outcome === null ? last : undefined;
  }

  private close(outcome: "committed" | "gave-up", at: number): void {
    const { open } = this;
    if (open === undefined) return;
    open.closedAt = at;
    open.outcome = outcome;
  }
}
