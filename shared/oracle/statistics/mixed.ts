// For how long more than one version was being run.
import type { Handlers } from "../monitor.ts";
import type { Roster } from "../roster.ts";
import { Running } from "../running.ts";

export class Mixed {
  ns = 0;
  private since: number | null = null;
  private readonly running: Running;
  readonly on: Handlers;

  constructor(roster: Roster) {
    this.running = new Running(roster, (at) => {
      if (this.running.versions > 1) this.since ??= at;
      else this.end(at);
    });
    this.on = this.running.on;
  }

  end(at: number): void {
    if (this.since !== null) this.ns += at - this.since;
    this.since = null;
  }
}
