// What a run came to on its way: the rare things that a study of faults must have met before its silence means anything.
import type { FactOf, Handlers } from "../oracle/monitor.ts";
import type { AbortReason, Fact } from "../protocol/facts.ts";
import type { Phase } from "../protocol/messages.ts";

const aborts: Readonly<Record<AbortReason["why"], string>> = {
  limit: "a limit aborted",
  busy: "a busy vote aborted",
  death: "a death aborted",
  withdraw: "a withdrawal aborted",
  takeover: "a takeover aborted",
  reversed: "a transition was turned back",
};

export class Reached {
  readonly things = new Set<string>();
  private readonly asked: Array<readonly [at: number, phase: Phase]> = [];
  private term = 0;
  private wasAborted = false;
  private openedBy = -1;

  private readonly on: Handlers = {
    took: ({ term }) => {
      if (term > 1) this.things.add("a coordinator took over");
      this.term = Math.max(this.term, term);
    },
    "stood-down": () => {
      this.things.add("a coordinator stood down");
    },
    opened: ({ life, attempt }) => {
      this.openedBy = life;
      if (attempt === 1) this.wasAborted = false;
    },
    asked: ({ ask }, at) => {
      this.asked.push([at, ask.do]);
    },
    decided: (fact) => this.decided(fact),
    died: (_, at) => {
      const phase = this.phaseAt(at);
      if (phase !== null) this.things.add(`a CPU died in ${phase}`);
    },
    withdrew: () => {
      this.things.add("a CPU withdrew");
    },
    "call-stuck": () => {
      this.things.add("a call was stuck");
    },
  };

  /** Whoever tells of facts tells of all, in their order. */
  see(fact: Fact, at: number): void {
    (this.on[fact.fact] as ((fact: Fact, at: number) => void) | undefined)?.(fact, at);
  }

  /** What was asked last before that moment, by whichever coordinator; null before anything was. */
  phaseAt(at: number): Phase | null {
    return this.asked.findLast(([when]) => when <= at)?.[1] ?? null;
  }

  private decided({ life, outcome, reason }: FactOf<"decided">): void {
    if (outcome === "aborted") {
      this.wasAborted = true;
      if (reason !== null) this.things.add(aborts[reason.why]);
      return;
    }
    if (this.wasAborted) this.things.add("a retry succeeded");
    if (life !== this.openedBy) this.things.add("a heir committed");
  }
}
