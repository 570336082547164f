// The event queue of virtual time: a 4-ary heap in typed arrays, ordered by (time, class, sequence).
//
// Ties in time are common (integer ns), so the order among them is part of what a seed means: first by class, then first in, first
// out. Npm's heaps are not first-in-first-out on ties and are several times slower at 10^5 entries and more.
//
// Two things keep the heap small, and neither changes the order. A batch (all copies of a broadcast) stands in it once, for its next
// member. What is far away (most timers, nearly all of which are cancelled first) waits unordered until its span of time is reached.
import { grown } from "./column.ts";

/** Small: many runs are, and large ones grow it soon. */
const firstRoom = 128;

/** Sequence numbers share a double with the class: 2^50 of them. */
const classSpan = 2 ** 50;

/** How much time is ordered at once. */
const spanNs = 2 ** 20;

/** A batch on its way: `next` of its members, in the order in which they arrive. */
interface Batch {
  readonly slot: number;
  readonly times: Float64Array;
  readonly ranks: Uint32Array;
  readonly order: number;
  next: number;
}

/** Entries of a span that is not ordered yet: time, order and slot in turn. */
type Unordered = number[];

export class EventQueue {
  /** Of the event that was popped last: which member of its batch it was (-1: of none), and whether the batch goes on. */
  member = -1;
  more = false;
  private length = 0;
  private times = new Float64Array(firstRoom);
  private orders = new Float64Array(firstRoom);
  /** The slot of an event; of a batch, -1 - its place in `batches`. */
  private slots = new Int32Array(firstRoom);
  private sequence = 0;
  private readonly batches: Array<Batch | null> = [];
  private readonly freePlaces: number[] = [];
  private readonly later = new Map<number, Unordered>();
  /** Everything before this moment is in the heap, and nothing else is. */
  private horizon = spanNs;

  /** Adds the event that lives in `slot`. */
  push(time: number, eventClass: number, slot: number): void {
    this.add(time, this.nextOrder(eventClass), slot);
  }

  /** Takes a place among the events of one time: that of an event which was added now. */
  nextOrder(eventClass: number): number {
    return eventClass * classSpan + this.sequence++;
  }

  /** Adds an event in a place that was taken before. */
  pushAs(time: number, order: number, slot: number): void {
    this.add(time, order, slot);
  }

  /** Adds one event for each of `times`, as if they were pushed in turn; all live in `slot`, and `member` tells them apart. */
  pushBatch(times: Float64Array, eventClass: number, slot: number): void {
    const ranks = ranked(times);
    const order = eventClass * classSpan + this.sequence;
    this.sequence += times.length;
    const place = this.freePlaces.pop() ?? this.batches.length;
    this.batches[place] = { slot, times, ranks, order, next: 0 };
    const first = ranks[0] as number;
    this.add(times[first] as number, order + first, -1 - place);
  }

  /** Time of the next event, Infinity if there is none. */
  nextTime(): number {
    if (this.length === 0) this.order();
    return this.length === 0 ? Infinity : (this.times[0] as number);
  }

  /** Removes the next event, of which there must be one, and returns its slot. */
  pop(): number {
    if (this.length === 0) this.order();
    const top = this.slots[0] as number;
    if (top < 0) return this.popMember(-1 - top);
    this.member = -1;
    this.more = false;
    this.removeTop();
    return top;
  }

  private popMember(place: number): number {
    const batch = this.batches[place] as Batch;
    this.member = batch.ranks[batch.next++] as number;
    this.more = batch.next < batch.ranks.length;
    if (!this.more) {
      this.batches[place] = null;
      this.freePlaces.push(place);
      this.removeTop();
      return batch.slot;
    }
    const following = batch.ranks[batch.next] as number;
    const time = batch.times[following] as number;
    if (time < this.horizon) this.sink(time, batch.order + following, -1 - place);
    else {
      this.removeTop();
      this.add(time, batch.order + following, -1 - place);
    }
    return batch.slot;
  }

  private add(time: number, order: number, slot: number): void {
    if (time < this.horizon) this.rise(time, order, slot);
    else {
      const span = Math.floor(time / spanNs);
      const waiting = this.later.get(span);
      if (waiting === undefined) this.later.set(span, [time, order, slot]);
      else waiting.push(time, order, slot);
    }
  }

  /** The span at hand is over: orders the next one in which something happens. */
  private order(): void {
    let span = Infinity;
    for (const waiting of this.later.keys()) if (waiting < span) span = waiting;
    const entries = this.later.get(span);
    if (entries === undefined) return;
    this.later.delete(span);
    this.horizon = (span + 1) * spanNs;
    for (let i = 0; i < entries.length; i += 3) this.rise(entries[i] as number, entries[i + 1] as number, entries[i + 2] as number);
  }

  /** Lets a new entry rise from the end of the heap to where it belongs. */
  private rise(time: number, order: number, slot: number): void {
    if (this.length === this.times.length) this.grow();
    let hole = this.length++;
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      if (!this.isBefore(time, order, parent)) break;
      this.move(parent, hole);
      hole = parent;
    }
    this.put(hole, time, order, slot);
  }

  private removeTop(): void {
    const last = --this.length;
    if (last > 0) this.sink(this.times[last] as number, this.orders[last] as number, this.slots[last] as number);
  }

  /** Lets an entry fall from the root to where it belongs. */
  private sink(time: number, order: number, slot: number): void {
    let hole = 0;
    for (;;) {
      const first = 4 * hole + 1;
      if (first >= this.length) break;
      let best = first;
      const end = Math.min(first + 4, this.length);
      for (let child = first + 1; child < end; child++) {
        if (this.isBefore(this.times[child] as number, this.orders[child] as number, best)) best = child;
      }
      if (this.isBefore(time, order, best)) break;
      this.move(best, hole);
      hole = best;
    }
    this.put(hole, time, order, slot);
  }

  private isBefore(time: number, order: number, other: number): boolean {
    const otherTime = this.times[other] as number;
    return time < otherTime || (time === otherTime && order < (this.orders[other] as number));
  }

  private move(from: number, to: number): void {
    this.put(to, this.times[from] as number, this.orders[from] as number, this.slots[from] as number);
  }

  private put(at: number, time: number, order: number, slot: number): void {
    this.times[at] = time;
    this.orders[at] = order;
    this.slots[at] = slot;
  }

  private grow(): void {
    this.times = grown(this.times, new Float64Array(this.length * 2));
    this.orders = grown(this.orders, new Float64Array(this.length * 2));
    this.slots = grown(this.slots, new Int32Array(this.length * 2));
  }
}

/** How far, on average, a member may stand from its place before a general sort is quicker than an insertion sort. */
const nearlySorted = 8;

/** The indices of `times` in ascending order of time, equal ones as they stand. Broadcasts leave in order: they are nearly sorted. */
const ranked = (times: Float64Array): Uint32Array => {
  const ranks = new Uint32Array(times.length);
  let moves = nearlySorted * times.length;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    let at = i;
    while (at > 0 && (times[ranks[at - 1] as number] as number) > time) {
      ranks[at] = ranks[at - 1] as number;
      at--;
    }
    ranks[at] = i;
    moves -= i - at;
    if (moves < 0) return ranks.map((_, index) => index).sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  }
  return ranks;
};
