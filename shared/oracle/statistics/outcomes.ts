// What was decided, by the coordinators' own account.
import { initialVersion } from "../../protocol/setup.ts";
import type { Handlers } from "../monitor.ts";

/** `aborted`: the attempts were used up. `incomplete`: the run was cut off before that. */
export type RunOutcome = "committed" | "aborted" | "incomplete";

export class Outcomes {
  outcome: RunOutcome = "incomplete";
  version = initialVersion;
  committed = 0;
  attempts = 0;
  openedAt: number | null = null;
  closedAt: number | null = null;
  /** When the last epoch was decided to come to nothing. */
  abortedAt: number | null = null;
  ignored = 0;
  private epoch = 0;
  private readonly opened = new Set<number>();
  private finishedTerm = 0;
  private target = initialVersion;
  private decided = 0;

  readonly on: Handlers = {
    opened: ({ term, epoch, target }, at) => {
      // Whoever takes an open transition over opens it once more.
      this.opened.add(epoch);
      this.attempts = this.opened.size;
      this.openedAt ??= at;
      if (epoch > this.epoch) {
        this.target = target;
        this.abortedAt = null;
      }
      this.epoch = Math.max(epoch, this.epoch);
      // Whoever lost its term may tell of its epoch when another life has finished.
      if (term >= this.finishedTerm) this.outcome = "incomplete";
    },
    decided: ({ epoch, outcome }, at) => {
      if (outcome === "aborted" && epoch === this.epoch) this.abortedAt ??= at;
      if (outcome !== "committed" || epoch <= this.decided) return;
      this.decided = epoch;
      this.committed++;
      this.version = this.target;
    },
    closed: (_, at) => {
      this.closedAt = at;
    },
    finished: ({ term, outcome }) => {
      this.finishedTerm = Math.max(term, this.finishedTerm);
      this.outcome = outcome === "committed" ? "committed" : "aborted";
    },
    ignored: () => {
      this.ignored++;
    },
    disregarded: () => {
      this.ignored++;
    },
  };
}
