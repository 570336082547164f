// For how long more than one version was being run.
//
// Of stops it is the time in which CPUs ran tasks on different versions. A transition tells when its first and its last task switched, or
// was met by a redirection; one that is still open at the end lasts until then.
import type { FactOf, Handlers } from "../monitor.ts";
import type { Roster } from "../roster.ts";
import { Running } from "../running.ts";

export class Mixed {
  ns = 0;
  private since: number | null = null;
  private epoch = 0;
  private from = Infinity;
  private to = -Infinity;
  private readonly roster: Roster;
  readonly on: readonly Handlers[];

  constructor(roster: Roster) {
    this.roster = roster;
    const running = new Running(roster, (at) => {
      if (running.versions > 1 && roster.way === "stop") this.since ??= at;
      else this.endStretch(at);
    });
    this.on = [running.on, { opened: () => this.begin(), switched: (fact) => this.switched(fact) }];
  }

  end(at: number): void {
    this.endStretch(at);
    const isOpen = this.roster.way !== "stop" && this.roster.pending().next().done !== true;
    if (isOpen && this.from <= at) this.to = at;
    this.endSpan();
  }

  private begin(): void {
    if (this.epoch === this.roster.epoch) return;
    this.epoch = this.roster.epoch;
    this.endSpan();
  }

  private switched({ epoch, firstAt, lastAt }: FactOf<"switched">): void {
    if (epoch !== this.epoch || firstAt === null || lastAt === null) return;
    this.from = Math.min(this.from, firstAt);
    this.to = Math.max(this.to, lastAt);
  }

  private endSpan(): void {
    if (this.to > this.from) this.ns += this.to - this.from;
    this.from = Infinity;
    this.to = -Infinity;
  }

  private endStretch(at: number): void {
    if (this.since !== null) this.ns += at - this.since;
    this.since = null;
  }
}
