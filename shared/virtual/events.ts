// Events that wait for their time: columns of typed arrays, one slot each, taken from a free list.
import type { Message, Register } from "../protocol/messages.ts";

export const kinds = { start: 0, deliver: 1, timer: 2, register: 3, died: 4, fault: 5, depart: 6, heal: 7 } as const;

/**
 * The columns: `actor` is whose event it is; `life` the life of that actor that it is for (-1: whichever lives then);
 * `a` and `b` depend on the kind (sender, timer and its generation, expected revision, index of a fault ...).
 */
export class Events {
  kind = new Uint8Array(1024);
  actor = new Int32Array(1024);
  life = new Int32Array(1024);
  a = new Float64Array(1024);
  b = new Float64Array(1024);
  clock = new Float64Array(1024);
  readonly body: Array<Message | Register | null> = [];
  private readonly free: number[] = [];
  private used = 0;

  take(kind: number, actor: number, life: number, a: number, b: number, clock: number, body: Message | Register | null): number {
    const slot = this.free.pop() ?? this.used++;
    if (slot === this.kind.length) this.grow();
    this.kind[slot] = kind;
    this.actor[slot] = actor;
    this.life[slot] = life;
    this.a[slot] = a;
    this.b[slot] = b;
    this.clock[slot] = clock;
    this.body[slot] = body;
    return slot;
  }

  release(slot: number): void {
    this.body[slot] = null;
    this.free.push(slot);
  }

  private grow(): void {
    const capacity = this.kind.length * 2;
    const grown = <T extends { set: (from: T) => void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.kind = grown(new Uint8Array(capacity), this.kind);
    this.actor = grown(new Int32Array(capacity), this.actor);
    this.life = grown(new Int32Array(capacity), this.life);
    this.a = grown(new Float64Array(capacity), this.a);
    this.b = grown(new Float64Array(capacity), this.b);
    this.clock = grown(new Float64Array(capacity), this.clock);
  }
}
