// The timers of a process's actors. Those below the operating system's resolution fire within the turn that set them, at their due time:
// a simulated microsecond must not become a real millisecond.

/** Timers that are due sooner than this are fired at once (in simulated order); Node rounds all others up to whole ms. */
export const fineNs = 500_000;

/** Node's longest timeout; whatever is due later than that never comes within a run. */
const longestMs = 2 ** 31 - 1;

interface Armed {
  readonly due: number;
  readonly sequence: number;
  handle: NodeJS.Timeout | null;
}

export interface DueTimer {
  readonly actor: number;
  readonly timer: string;
  readonly due: number;
}

export class ActorTimers {
  /** By actor and name: at most one of each is armed. */
  private readonly armed = new Map<string, Armed>();
  /** Fine timers that wait for the end of the turn. */
  private readonly fine: Array<DueTimer & { readonly sequence: number }> = [];
  private sequence = 0;
  private readonly onDue: (timer: DueTimer) => void;

  constructor(onDue: (timer: DueTimer) => void) {
    this.onDue = onDue;
  }

  set(actor: number, timer: string, now: number, afterNs: number): void {
    this.cancel(actor, timer);
    const key = `${actor} ${timer}`;
    const armed: Armed = { due: now + afterNs, sequence: ++this.sequence, handle: null };
    this.armed.set(key, armed);
    if (afterNs < fineNs) {
      this.fine.push({ actor, timer, due: armed.due, sequence: armed.sequence });
      return;
    }
    const ms = Math.ceil(afterNs / 1e6);
    if (ms > longestMs) return;
    armed.handle = setTimeout(() => {
      if (this.armed.get(key) !== armed) return;
      this.armed.delete(key);
      this.onDue({ actor, timer, due: armed.due });
    }, ms);
  }

  cancel(actor: number, timer: string): void {
    const key = `${actor} ${timer}`;
    const armed = this.armed.get(key);
    if (armed === undefined) return;
    if (armed.handle !== null) clearTimeout(armed.handle);
    this.armed.delete(key);
  }

  /** All timers of an actor that has died. */
  cancelAll(actor: number, timers: readonly string[]): void {
    for (const timer of timers) this.cancel(actor, timer);
  }

  /** The next fine timer that is still armed, by due time and then by the order in which they were set. */
  takeFine(): DueTimer | undefined {
    while (this.fine.length > 0) {
      let first = 0;
      for (let i = 1; i < this.fine.length; i++) if (this.isBefore(i, first)) first = i;
      const [taken] = this.fine.splice(first, 1) as [DueTimer & { readonly sequence: number }];
      const key = `${taken.actor} ${taken.timer}`;
      if (this.armed.get(key)?.sequence !== taken.sequence) continue;
      this.armed.delete(key);
      return taken;
    }
    return undefined;
  }

  private isBefore(a: number, b: number): boolean {
    const x = this.fine[a] as DueTimer & { readonly sequence: number };
    const y = this.fine[b] as DueTimer & { readonly sequence: number };
    return x.due < y.due || (x.due === y.due && x.sequence < y.sequence);
  }
}
