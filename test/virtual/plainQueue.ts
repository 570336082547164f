// The event queue as one would first write it, to measure the real one against: a list, searched from end to end each time.
interface Entry {
  readonly time: number;
  readonly order: number;
  readonly slot: number;
  readonly member: number;
}

const isBefore = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

export class PlainQueue {
  member = -1;
  more = false;
  /** Where the event lived that was popped last. */
  slot = -1;
  private entries: Entry[] = [];
  private sequence = 0;

  push(time: number, eventClass: number, slot: number): void {
    this.pushAs(time, this.nextOrder(eventClass), slot);
  }

  nextOrder(eventClass: number): number {
    return 1e9 * eventClass + this.sequence++;
  }

  pushAs(time: number, order: number, slot: number): void {
    this.entries.push({ time, order, slot, member: -1 });
  }

  pushBatch(times: Float64Array, eventClass: number, slot: number): void {
    times.forEach((time, member) => {
      this.entries.push({ time, order: this.nextOrder(eventClass), slot, member });
    });
  }

  /** Of whatever is in another slot than that. */
  nextTime(but = -1): number {
    return this.entries.reduce((least, { time, slot }) => (slot === but ? least : Math.min(least, time)), Infinity);
  }

  /** The next members of the batch that was popped from last are gone. */
  skip(count: number): void {
    const members = this.entries.filter(({ slot }) => slot === this.slot).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    const skipped = new Set(members.slice(0, count));
    this.entries = this.entries.filter((entry) => !skipped.has(entry));
    this.more = members.length > count;
  }

  pop(): number {
    const next = this.entries.reduce((first, entry) => (isBefore(entry, first) ? entry : first));
    this.entries = this.entries.filter((entry) => entry !== next);
    this.member = next.member;
    this.slot = next.slot;
    this.more = next.member >= 0 && this.entries.some(({ slot, member }) => slot === next.slot && member >= 0);
    return next.slot;
  }
}
