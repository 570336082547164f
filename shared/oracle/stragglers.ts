// Who held a transition up: the task that switched last, or those that never did.
//
// Rests on `blocked`, which each CPU with tasks that have not switched announces after its `switched`: the wait of a CPU ends with the
// first `switched` that has nobody pending. A transition that is turned back is waited for anew, from the decision on.
import type { Handlers } from "./monitor.ts";
import type { Roster } from "./roster.ts";

/** What a CPU waits for. */
export interface Straggler {
  readonly cpu: number;
  readonly task: string;
  readonly function: string;
  readonly why: string;
}

/** Waited for from `since` to `until`. */
export type Waited = Straggler & { readonly since: number; readonly until: number };

/** At most this many are remembered at once. */
const stragglerLimit = 4_096;

export class Stragglers {
  private readonly waits = new Map<number, Straggler>();
  private epoch = 0;
  private since = 0;
  private decided = false;
  private last: Waited | undefined;
  private readonly roster: Roster;
  private readonly found: (epoch: number, waited: Waited) => void;

  /** `found` is told who was the last to switch, in either direction. */
  constructor(roster: Roster, found: (epoch: number, waited: Waited) => void) {
    this.roster = roster;
    this.found = found;
  }

  readonly on: Handlers = {
    opened: ({ epoch }, at) => {
      if (epoch !== this.roster.epoch || epoch === this.epoch) return;
      this.epoch = epoch;
      this.decided = false;
      this.begin(at);
      this.waits.clear();
    },
    blocked: ({ cpu, epoch, task, function: name, why }) => {
      if (!this.isOf(epoch) || (this.waits.size >= stragglerLimit && !this.waits.has(cpu))) return;
      this.waits.set(cpu, { cpu, task, function: name, why });
    },
    switched: ({ cpu, epoch, pending }, at) => {
      const wait = this.waits.get(cpu);
      if (wait === undefined || pending > 0 || !this.isOf(epoch)) return;
      this.waits.delete(cpu);
      if (this.last === undefined || at >= this.last.until) this.last = { ...wait, since: this.since, until: at };
    },
    died: ({ cpu, incarnation }) => {
      if (this.roster.isNewest(cpu, incarnation)) this.waits.delete(cpu);
    },
    booted: ({ cpu }) => {
      this.waits.delete(cpu);
    },
    decided: ({ epoch, outcome }, at) => {
      if (!this.isOf(epoch) || this.decided) return;
      this.decided = true;
      if (outcome === "committed") this.tell();
      this.begin(at);
    },
    asked: ({ epoch, ask }) => {
      if (this.isOf(epoch) && ask.do === "cancel") this.tell();
    },
  };

  /** Who has not switched yet, in order of CPU. */
  missing(): readonly Straggler[] {
    return [...this.waits.values()].toSorted((a, b) => a.cpu - b.cpu);
  }

  /** Since when they are waited for. */
  get waitingSince(): number {
    return this.since;
  }

  private isOf(epoch: number): boolean {
    return epoch === this.epoch && this.roster.way !== "stop";
  }

  private begin(at: number): void {
    this.since = at;
    this.last = undefined;
  }

  private tell(): void {
    if (this.last !== undefined) this.found(this.epoch, this.last);
    this.last = undefined;
  }
}
