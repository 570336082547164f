// The timers of a process's actors, all on the run's clock.
//
// Those that are due within the turn that sets them fire in it, at their due time: a simulated microsecond must not become a real
// millisecond. The others wait for the millisecond in which they are due, and all of one take one turn of the process. Node has one timer
// for all of them, which is not touched by those that are set and cancelled before it goes off: most are.
import type { RunClock } from "./clock.ts";

/** How far ahead of the clock timers may fire within a turn. Node rounds everything beyond up to whole ms. */
export const fineNs = 500_000;

/** Node's longest timeout; whatever is due later than that never comes within a run. */
const longestMs = 2 ** 31 - 1;

/** A wait as Node takes it: never early, never beyond what it can. */
export const toMs = (ns: number): number => Math.min(longestMs, Math.max(0, Math.ceil(ns / 1e6)));

export interface DueTimer<Owner> {
  readonly owner: Owner;
  readonly timer: string;
  /** In ns of the run's clock. */
  readonly due: number;
}

interface Armed<Owner> extends DueTimer<Owner> {
  readonly sequence: number;
  /** The millisecond that it waits for; undefined of one that fires within the turn. */
  readonly ms: number | undefined;
}

const inOrder = (a: Armed<unknown>, b: Armed<unknown>): number => a.due - b.due || a.sequence - b.sequence;

/** `Owner`: whatever has timers, of which at most one of each name is armed. */
export class Timers<Owner> {
  private readonly clock: RunClock;
  /** Takes a turn with these timers, in this order; each must be claimed first. */
  private readonly onDue: (timers: ReadonlyArray<DueTimer<Owner>>) => void;
  private readonly armed = new Map<Owner, Map<string, Armed<Owner>>>();
  private readonly waiting = new Map<number, Set<Armed<Owner>>>();
  /** Node's timer, and the millisecond for which it is set. */
  private alarm: { readonly ms: number; readonly handle: NodeJS.Timeout } | undefined;
  /** The owners of timers that fire within the turn. */
  private readonly fine = new Set<Owner>();
  /** While they fire, what they set fires with them only up to here: else timers that set each other could hold a turn for ever. */
  private horizon: number | undefined;
  private sequence = 0;

  constructor(clock: RunClock, onDue: (timers: ReadonlyArray<DueTimer<Owner>>) => void) {
    this.clock = clock;
    this.onDue = onDue;
  }

  set(owner: Owner, timer: string, at: number, afterNs: number): void {
    this.cancel(owner, timer);
    const due = at + afterNs;
    this.arm(owner, timer, due, due > (this.horizon ?? this.clock.now() + fineNs) ? Math.ceil(due / 1e6) : undefined);
  }

  cancel(owner: Owner, timer: string): void {
    const armed = this.armed.get(owner)?.get(timer);
    if (armed !== undefined) this.disarm(armed);
  }

  /** All timers of an owner that is no more. */
  cancelAll(owner: Owner): void {
    for (const armed of this.armed.get(owner)?.values() ?? []) this.disarm(armed);
    this.armed.delete(owner);
  }

  /** Gives `heir` the same timers. */
  copy(owner: Owner, heir: Owner): void {
    for (const { timer, due, ms } of this.armed.get(owner)?.values() ?? []) this.arm(heir, timer, due, ms);
  }

  /** True if both have the same timers, due at the same times. */
  areSame(one: Owner, other: Owner): boolean {
    const ones = this.armed.get(one);
    const others = this.armed.get(other);
    if ((ones?.size ?? 0) !== (others?.size ?? 0)) return false;
    for (const { timer, due } of ones?.values() ?? []) if (others?.get(timer)?.due !== due) return false;
    return true;
  }

  /** True if it is still the one that is armed, which it then is no longer. */
  claim(due: DueTimer<Owner>): boolean {
    const armed = this.armed.get(due.owner)?.get(due.timer);
    if (armed === undefined || armed !== due) return false;
    this.disarm(armed);
    return true;
  }

  /** Fires what is due within this turn: of each owner in the order in which they are due. */
  fireFine(fire: (due: DueTimer<Owner>) => void): void {
    if (this.fine.size === 0) return;
    this.horizon = this.clock.now() + fineNs;
    for (const owner of this.fine) {
      for (let first = this.firstFine(owner); first !== undefined; first = this.firstFine(owner)) {
        this.disarm(first);
        fire(first);
      }
    }
    this.fine.clear();
    this.horizon = undefined;
  }

  private firstFine(owner: Owner): Armed<Owner> | undefined {
    let first: Armed<Owner> | undefined;
    for (const armed of this.armed.get(owner)?.values() ?? []) {
      if (armed.ms === undefined && (first === undefined || inOrder(armed, first) < 0)) first = armed;
    }
    return first;
  }

  private arm(owner: Owner, timer: string, due: number, ms: number | undefined): void {
    const armed: Armed<Owner> = { owner, timer, due, sequence: ++this.sequence, ms };
    const own = this.armed.get(owner);
    if (own === undefined) this.armed.set(owner, new Map([[timer, armed]]));
    else own.set(timer, armed);
    if (ms === undefined) this.fine.add(owner);
    else this.wait(armed, ms);
  }

  private wait(armed: Armed<Owner>, ms: number): void {
    const others = this.waiting.get(ms);
    if (others !== undefined) others.add(armed);
    else this.waiting.set(ms, new Set([armed]));
    if (ms < (this.alarm?.ms ?? Infinity)) this.setAlarm(ms);
  }

  private disarm(armed: Armed<Owner>): void {
    this.armed.get(armed.owner)?.delete(armed.timer);
    if (armed.ms === undefined) return;
    const others = this.waiting.get(armed.ms);
    others?.delete(armed);
    if (others?.size === 0) this.waiting.delete(armed.ms);
  }

  private setAlarm(ms: number): void {
    clearTimeout(this.alarm?.handle);
    this.alarm = { ms, handle: setTimeout(() => this.goOff(ms), toMs(ms * 1e6 - this.clock.now())) };
  }

  /** It may go off for what has been cancelled since. Whatever is set from here on for this millisecond is not of this turn. */
  private goOff(ms: number): void {
    this.alarm = undefined;
    const due = this.waiting.get(ms);
    this.waiting.delete(ms);
    const next = this.waiting.size === 0 ? Infinity : [...this.waiting.keys()].reduce((least, each) => Math.min(least, each));
    if (next < Infinity) this.setAlarm(next);
    if (due !== undefined) this.onDue([...due].sort(inOrder));
  }
}
