// The timers of a process's actors, all on the run's clock.
//
// Those that are due within the turn that sets them fire in it, at their due time: a simulated microsecond must not become a real
// millisecond. All that are due in the same millisecond are one timer of Node, and their actors take one turn of the process.
import type { RunClock } from "./clock.ts";

/** How far ahead of the clock timers may fire within a turn. Node rounds everything beyond up to whole ms. */
export const fineNs = 500_000;

/** Node's longest timeout; whatever is due later than that never comes within a run. */
const longestMs = 2 ** 31 - 1;

/** A wait as Node takes it: never early, never beyond what it can. */
export const toMs = (ns: number): number => Math.min(longestMs, Math.max(0, Math.ceil(ns / 1e6)));

export interface DueTimer {
  readonly actor: number;
  readonly timer: string;
  /** In ns of the run's clock. */
  readonly due: number;
}

interface Armed extends DueTimer {
  readonly sequence: number;
  /** The millisecond that it waits for; undefined of one that fires within the turn. */
  readonly bucket: Bucket | undefined;
}

interface Bucket {
  readonly ms: number;
  readonly timers: Set<Armed>;
  readonly handle: NodeJS.Timeout;
}

const inOrder = (a: Armed, b: Armed): number => a.due - b.due || a.sequence - b.sequence;

export class ActorTimers {
  private readonly clock: RunClock;
  /** Takes a turn with these timers, in this order; each must be claimed first. */
  private readonly onDue: (timers: readonly DueTimer[]) => void;
  /** By actor and name: at most one of each is armed. */
  private readonly armed = new Map<number, Map<string, Armed>>();
  private readonly buckets = new Map<number, Bucket>();
  /** The actors with timers that fire within the turn. */
  private readonly fine = new Set<number>();
  /** While they fire, what they set fires with them only up to here: else timers that set each other could hold a turn for ever. */
  private horizon: number | undefined;
  private sequence = 0;

  constructor(clock: RunClock, onDue: (timers: readonly DueTimer[]) => void) {
    this.clock = clock;
    this.onDue = onDue;
  }

  set(actor: number, timer: string, at: number, afterNs: number): void {
    this.cancel(actor, timer);
    const due = at + afterNs;
    const bucket = due > (this.horizon ?? this.clock.now() + fineNs) ? this.bucketOf(due) : undefined;
    const armed: Armed = { actor, timer, due, sequence: ++this.sequence, bucket };
    const own = this.armed.get(actor);
    if (own === undefined) this.armed.set(actor, new Map([[timer, armed]]));
    else own.set(timer, armed);
    if (bucket === undefined) this.fine.add(actor);
    else bucket.timers.add(armed);
  }

  cancel(actor: number, timer: string): void {
    const armed = this.armed.get(actor)?.get(timer);
    if (armed !== undefined) this.disarm(armed);
  }

  /** All timers of an actor that has died. */
  cancelAll(actor: number): void {
    for (const armed of this.armed.get(actor)?.values() ?? []) this.disarm(armed);
    this.armed.delete(actor);
  }

  /** True if it is still the one that is armed, which it then is no longer. */
  claim(due: DueTimer): boolean {
    const armed = this.armed.get(due.actor)?.get(due.timer);
    if (armed === undefined || armed !== due) return false;
    this.disarm(armed);
    return true;
  }

  /** Fires what is due within this turn: of each actor in the order in which they are due. */
  fireFine(fire: (due: DueTimer) => void): void {
    this.horizon = this.clock.now() + fineNs;
    for (const actor of this.fine) {
      for (let first = this.firstFine(actor); first !== undefined; first = this.firstFine(actor)) {
        this.disarm(first);
        fire(first);
      }
    }
    this.fine.clear();
    this.horizon = undefined;
  }

  private firstFine(actor: number): Armed | undefined {
    let first: Armed | undefined;
    for (const armed of this.armed.get(actor)?.values() ?? []) {
      if (armed.bucket === undefined && (first === undefined || inOrder(armed, first) < 0)) first = armed;
    }
    return first;
  }

  private disarm(armed: Armed): void {
    this.armed.get(armed.actor)?.delete(armed.timer);
    const { bucket } = armed;
    bucket?.timers.delete(armed);
    if (bucket?.timers.size !== 0 || this.buckets.get(bucket.ms) !== bucket) return;
    clearTimeout(bucket.handle);
    this.buckets.delete(bucket.ms);
  }

  private bucketOf(due: number): Bucket {
    const ms = Math.ceil(due / 1e6);
    const known = this.buckets.get(ms);
    if (known !== undefined) return known;
    const timers = new Set<Armed>();
    const fire = (): void => {
      // Whatever is set from here on for this millisecond waits in another bucket.
      this.buckets.delete(ms);
      this.onDue([...timers].sort(inOrder));
    };
    const handle = setTimeout(fire, toMs(ms * 1e6 - this.clock.now()));
    const bucket = { ms, timers, handle };
    this.buckets.set(ms, bucket);
    return bucket;
  }
}
