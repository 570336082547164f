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

/** A batch on its way: its members in the order in which they arrive, those before `next` have. */
export interface Batch {
  readonly slot: number;
  readonly times: Float64Array;
  readonly ranks: Uint32Array;
  readonly order: number;
  next: number;
}

/** Whoever asks when something else happens looks at all that is ordered: only while it is so little. */
const lookedAtLimit = 64;

/** Entries of a span that is not ordered yet: time, order and slot in turn. */
type Unordered = number[];

export class EventQueue {
  /** Of the event that was popped last: which member of its batch it was (-1: of none), and whether the batch goes on. */
  member = -1;
  more = false;
  private length = 0;
  /** Where the batch stands of which a member was popped last. */
  private place = -1;
  private readonly isVoid: (slot: number) => boolean;
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

  /** `isVoid` tells of events that nobody waits for any more, and lets go of them: most never have to be ordered. */
  constructor(isVoid: (slot: number) => boolean) {
    this.isVoid = isVoid;
  }

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
    this.order();
    return this.length === 0 ? Infinity : (this.times[0] as number);
  }

  /** Removes the next event, of which there must be one, and returns its slot. */
  pop(): number {
    this.order();
    const top = this.slots[0] as number;
    if (top < 0) return this.popMember(-1 - top);
    this.member = -1;
    this.more = false;
    this.removeTop();
    return top;
  }

  /** The batch of which a member was popped last, while others are to come. */
  get batch(): Batch {
    return this.batches[this.place] as Batch;
  }

  /**
   * Before when nothing happens but what that batch brings, and what is harmless. -Infinity if that is not after `least`, or where too much
   * is ordered to look at it all.
   */
  quietUntil(least: number, isHarmless: (slot: number) => boolean): number {
    if (this.length > lookedAtLimit) return -Infinity;
    let until = Infinity;
    for (let i = 0; i < this.length; i++) {
      const time = this.times[i] as number;
      if (time >= until || this.isLeftOut(this.slots[i] as number, isHarmless)) continue;
      if (time <= least) return -Infinity;
      until = time;
    }
    for (let span = this.firstSpan(-1); span * spanNs < until; span = this.firstSpan(span)) {
      for (let waiting = this.livingOf(span), i = 0; i < waiting.length; i += 3) {
        const time = waiting[i] as number;
        if (time < until && !this.isLeftOut(waiting[i + 2] as number, isHarmless)) until = time;
      }
    }
    return until > least ? until : -Infinity;
  }

  /** The first span that waits, of those after `after`; Infinity if none does. */
  private firstSpan(after: number): number {
    let first = Infinity;
    for (const span of this.later.keys()) if (span > after && span < first) first = span;
    return first;
  }

  private isLeftOut(slot: number, isHarmless: (slot: number) => boolean): boolean {
    return slot === -1 - this.place || isHarmless(slot < 0 ? (this.batches[-1 - slot] as Batch).slot : slot);
  }

  /** What is left of a span when all that is void has been let go of. */
  private livingOf(span: number): Unordered {
    const waiting = this.later.get(span) as Unordered;
    let kept = 0;
    for (let i = 0; i < waiting.length; i += 3) {
      const slot = waiting[i + 2] as number;
      if (slot >= 0 && this.isVoid(slot)) continue;
      for (let k = 0; k < 3; k++) waiting[kept++] = waiting[i + k] as number;
    }
    waiting.length = kept;
    if (kept === 0) this.later.delete(span);
    return waiting;
  }

  /** That batch goes on by so many members, as if they were popped. */
  skip(count: number): void {
    const { batch, place } = this;
    this.takeOut(batch.times[batch.ranks[batch.next] as number] as number, -1 - place);
    batch.next += count;
    this.more = batch.next < batch.ranks.length;
    if (this.more) {
      const following = batch.ranks[batch.next] as number;
      this.add(batch.times[following] as number, batch.order + following, -1 - place);
    } else this.free(place);
  }

  private takeOut(time: number, entry: number): void {
    const waiting = time < this.horizon ? undefined : this.later.get(Math.floor(time / spanNs));
    if (waiting === undefined) return this.remove(this.slots.indexOf(entry));
    const from = waiting.findIndex((value, i) => i % 3 === 2 && value === entry) - 2;
    waiting.splice(from, 3);
    if (waiting.length === 0) this.later.delete(Math.floor(time / spanNs));
  }

  private free(place: number): void {
    this.batches[place] = null;
    this.freePlaces.push(place);
  }

  private popMember(place: number): number {
    const batch = this.batches[place] as Batch;
    this.place = place;
    this.member = batch.ranks[batch.next++] as number;
    this.more = batch.next < batch.ranks.length;
    if (!this.more) {
      this.free(place);
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

  /** Where the span at hand is over: orders the next one in which something happens. */
  private order(): void {
    while (this.length === 0 && this.later.size > 0) {
      const span = this.firstSpan(-1);
      const entries = this.livingOf(span);
      this.later.delete(span);
      this.horizon = (span + 1) * spanNs;
      for (let i = 0; i < entries.length; i += 3) this.rise(entries[i] as number, entries[i + 1] as number, entries[i + 2] as number);
    }
  }

  /** Lets a new entry rise from the end of the heap to where it belongs. */
  private rise(time: number, order: number, slot: number): void {
    if (this.length === this.times.length) this.grow();
    this.riseFrom(this.length++, time, order, slot);
  }

  private riseFrom(from: number, time: number, order: number, slot: number): void {
    let hole = from;
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

  /** The last entry goes where this one was, and from there to where it belongs. */
  private remove(at: number): void {
    const last = --this.length;
    if (at === last) return;
    const time = this.times[last] as number;
    const order = this.orders[last] as number;
    const slot = this.slots[last] as number;
    if (at > 0 && this.isBefore(time, order, (at - 1) >> 2)) this.riseFrom(at, time, order, slot);
    else this.sink(time, order, slot, at);
  }

  /** Lets an entry fall, from the root if nothing else is said, to where it belongs. */
  private sink(time: number, order: number, slot: number, from = 0): void {
    let hole = from;
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
    if (moves < 0) return sorted(times);
  }
  return ranks;
};

/** Sorts numbers that say both when and who, as long as both fit into one: that needs no function to compare them. */
const sorted = (times: Float64Array): Uint32Array => {
  const ranks = new Uint32Array(times.length);
  let first = Infinity;
  let last = -Infinity;
  for (const time of times) {
    if (time < first) first = time;
    if (time > last) last = time;
  }
  if ((last - first + 1) * times.length > Number.MAX_SAFE_INTEGER) {
    return ranks.map((_, index) => index).sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  }
  const keys = times.map((time, index) => (time - first) * times.length + index).sort();
  for (let i = 0; i < keys.length; i++) ranks[i] = (keys[i] as number) % times.length;
  return ranks;
};
