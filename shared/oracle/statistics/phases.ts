// The rounds of a run as rows, and the sums over all of them.
import type { Phase } from "../../protocol/messages.ts";
import { us } from "../fold.ts";
import type { FactOf, Handlers } from "../monitor.ts";

export interface PhaseTimes {
  readonly epoch: number;
  readonly name: Phase;
  readonly startUs: number;
  /** null if the round never ended. */
  readonly endUs: number | null;
  readonly acks: number;
  readonly resent: number;
  readonly late: number;
}

/** At most this many rounds are told one by one: the first ones. */
const phaseLimit = 10_000;

interface OpenRound {
  readonly asked: FactOf<"asked">;
  readonly at: number;
}

export class Phases {
  readonly rows: PhaseTimes[] = [];
  resent = 0;
  late = 0;
  /** Rounds that looked at tasks again because some had not switched, and rounds that woke them. */
  checks = 0;
  signals = 0;
  private readonly open = new Map<number, OpenRound>();

  readonly on: Handlers = {
    asked: (asked, at) => {
      this.endAt(asked.term, null);
      this.open.set(asked.term, { asked, at });
      if (asked.ask.do === "check") this.checks++;
      if (asked.ask.do === "signal") this.signals++;
    },
    "round-ended": (ended, at) => {
      this.resent += ended.resent;
      this.late += ended.late;
      this.endAt(ended.term, at, ended);
    },
  };

  /** Rounds whose coordinator never told of their end. */
  abandon(): void {
    for (const term of [...this.open.keys()]) this.endAt(term, null);
  }

  private endAt(term: number, at: number | null, ended?: FactOf<"round-ended">): void {
    const round = this.open.get(term);
    if (round === undefined) return;
    this.open.delete(term);
    if (this.rows.length === phaseLimit) return;
    this.rows.push({
      epoch: round.asked.epoch,
      name: round.asked.ask.do,
      startUs: us(round.at),
      endUs: at === null ? null : us(at),
      acks: ended?.acks ?? 0,
      resent: ended?.resent ?? 0,
      late: ended?.late ?? 0,
    });
  }
}
