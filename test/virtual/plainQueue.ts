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

  nextTime(): number {
    return this.entries.reduce((least, { time }) => Math.min(least, time), Infinity);
  }

  pop(): number {
    const next = this.entries.reduce((first, entry) => (isBefore(entry, first) ? entry : first));
    this.entries = this.entries.filter((entry) => entry !== next);
    this.member = next.member;
    this.more = next.member >= 0 && this.entries.some(({ slot, member }) => slot === next.slot && member >= 0);
    return next.slot;
  }
}
