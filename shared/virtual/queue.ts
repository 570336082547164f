// The event queue of virtual time: a 4-ary heap in typed arrays, ordered by (time, class, sequence).
//
// Ties in time are common (integer ns), so the order among them is part of what a seed means: first by class, then first in, first
// out. Npm's heaps are not first-in-first-out on ties and are several times slower at 10^5 entries and more.

/** What happens first at one moment: starts and faults before answers of the register before messages before timers. */
export const classes = { fault: 0, register: 1, message: 2, timer: 3 } as const;

/** Sequence numbers share a double with the class: 2^50 of them. */
const classSpan = 2 ** 50;

export class EventQueue {
  size = 0;
  private times = new Float64Array(1024);
  private orders = new Float64Array(1024);
  private slots = new Int32Array(1024);
  private sequence = 0;

  /** Adds the event that lives in `slot`. */
  push(time: number, eventClass: number, slot: number): void {
    if (this.size === this.times.length) this.grow();
    const order = eventClass * classSpan + this.sequence++;
    let hole = this.size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      if (!this.isBefore(time, order, parent)) break;
      this.move(parent, hole);
      hole = parent;
    }
    this.put(hole, time, order, slot);
  }

  /** Time of the next event, Infinity if there is none. */
  nextTime(): number {
    return this.size === 0 ? Infinity : (this.times[0] as number);
  }

  /** Removes the next event and returns its slot. */
  pop(): number {
    const top = this.slots[0] as number;
    const last = --this.size;
    if (last > 0) this.sink(this.times[last] as number, this.orders[last] as number, this.slots[last] as number);
    return top;
  }

  /** Lets an entry fall from the root to where it belongs. */
  private sink(time: number, order: number, slot: number): void {
    let hole = 0;
    for (;;) {
      const first = 4 * hole + 1;
      if (first >= this.size) break;
      let best = first;
      const end = Math.min(first + 4, this.size);
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
    const capacity = this.times.length * 2;
    const times = new Float64Array(capacity);
    const orders = new Float64Array(capacity);
    const slots = new Int32Array(capacity);
    times.set(this.times);
    orders.set(this.orders);
    slots.set(this.slots);
    this.times = times;
    this.orders = orders;
    this.slots = slots;
  }
}
