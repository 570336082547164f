// What is to happen when: events in columns of typed arrays, one slot each, and the queue that orders them.
import type { Actor } from "../machine/machine.ts";
import type { Message, Register } from "../protocol/messages.ts";
import { grown } from "./column.ts";
import { type Batch, EventQueue } from "./queue.ts";

/** What happens first at one moment: starts and faults, answers of the register, what was put off, messages, timers. */
export const classes = { fault: 0, register: 1, putOff: 2, message: 3, timer: 4 } as const;

export const kinds = { start: 0, deliver: 1, timer: 2, register: 3, died: 4, fault: 5, depart: 6, heal: 7 } as const;
/** Of a packet, in `b`: it has waited for its receiver, or it is an ack in the words of a crowd that its sender is one of; 0 of any other. */
export const marks = { waited: 1, inWordsOfCrowd: 2 } as const;
const cancelled = 255;

/** Small: many runs are, and large ones grow it soon. */
const firstRoom = 128;

export type Body = Message | Register | null;

/** What differs among the events of a batch, one value for each of them; all the rest is the same. */
export interface Members {
  readonly actors?: Int32Array;
  readonly as?: Int32Array;
  readonly clocks?: Float64Array;
  readonly bodies?: readonly Body[];
}

const noMembers: Members = {};

/**
 * One event is at hand at a time: `next` goes on to it. `actor` is whose event it is; `life` the life of that actor that it is for
 * (-1: whichever lives then); `a` and `b` depend on the kind (sender, timer, expected revision, index of a fault; incarnation that died).
 */
export class Agenda {
  time = 0;
  kind = 0;
  actor = 0;
  life = 0;
  a = 0;
  b = 0;
  clock = 0;
  body: Body = null;
  private readonly queue = new EventQueue((slot) => this.isVoid(slot));
  /** The slot that was released last, -1 if none is free; each free one has the next in its `as`. */
  private free = -1;
  private used = 0;
  private kinds = new Uint8Array(firstRoom);
  private actors = new Int32Array(firstRoom);
  private lives = new Int32Array(firstRoom);
  private as = new Int32Array(firstRoom);
  private bs = new Int32Array(firstRoom);
  private clocks = new Float64Array(firstRoom);
  private readonly bodies: Body[] = [];
  /** Of each batch; and of the one that was at hand last, for there are few and they are long. */
  private readonly ofBatches = new Map<number, Members>();
  private lastSlot = -1;
  private lastMembers = noMembers;
  /** Of timers: when the event comes up in the queue, when it is to happen (Infinity: not at all), and its place among those of that time. */
  private queued = new Float64Array(firstRoom);
  private dues = new Float64Array(firstRoom);
  private orders = new Float64Array(firstRoom);

  /** Adds an event and returns its slot, by which it can be cancelled while it has not happened. */
  add(time: number, eventClass: number, kind: number, actor: Actor, life: number, a: number, b: number, clock: number, body: Body): number {
    const slot = this.take(kind, actor, life, a, b, clock, body);
    if (kind === kinds.timer) this.queued[slot] = this.dues[slot] = time;
    this.queue.push(time, eventClass, slot);
    return slot;
  }

  /** Adds such an event for each of `times`, as if they were added in turn. */
  addAll(
    times: Float64Array,
    eventClass: number,
    kind: number,
    members: Members,
    actor: Actor,
    a: number,
    b: number,
    clock: number,
    body: Body,
  ): void {
    const slot = this.take(kind, actor, -1, a, b, clock, body);
    this.ofBatches.set(slot, members);
    this.queue.pushBatch(times, eventClass, slot);
  }

  cancel(slot: number): void {
    this.kinds[slot] = cancelled;
  }

  /** The event in this slot is still that of this timer: `b` tells timers apart. A slot goes to another event when its own has come up. */
  isTimer(slot: number, b: number): boolean {
    return this.kinds[slot] === kinds.timer && this.bs[slot] === b;
  }

  /**
   * The timer will not come. Its event stays where it is, for most timers are set again before it comes up: then nothing has to be moved,
   * however far away either is.
   */
  disarm(slot: number): void {
    this.dues[slot] = Infinity;
  }

  /** Sets the timer of an event anew, as if it were added now; false if its event would come up too late for that. */
  rearm(slot: number, time: number): boolean {
    if (time <= (this.queued[slot] as number)) return false;
    this.dues[slot] = time;
    this.orders[slot] = this.queue.nextOrder(classes.timer);
    return true;
  }

  /** True if the event at hand is one of a batch, and others of it are to come. */
  get isFollowed(): boolean {
    return this.queue.more;
  }

  /** The batch that goes on, of which the event at hand is one. */
  get batch(): Batch {
    return this.queue.batch;
  }

  /** What differs in the batch of which the event at hand is one. */
  get members(): Members {
    return this.lastMembers;
  }

  /** Before when nothing happens but what is of that batch, or harmless; -Infinity if that is not after `least`, or would take long to tell. */
  quietUntil(least: number, isHarmless: (kind: number, actor: Actor, body: Body) => boolean): number {
    return this.queue.quietUntil(least, (slot) => {
      if (this.isDisarmed(slot)) return true;
      return isHarmless(this.kinds[slot] as number, this.actors[slot] as Actor, this.bodies[slot] as Body);
    });
  }

  /** So many more of that batch have happened with the event at hand. */
  skip(count: number): void {
    if (count === 0) return;
    const { slot } = this.queue.batch;
    this.queue.skip(count);
    if (!this.queue.more) this.release(slot);
  }

  /** Goes on to the next event; false if there is none. */
  next(): boolean {
    const { queue } = this;
    for (;;) {
      const time = queue.nextTime();
      if (time === Infinity) return false;
      const slot = queue.pop();
      const kind = this.kinds[slot] as number;
      if (kind === kinds.timer && this.dues[slot] !== time) {
        this.comeLater(slot);
        continue;
      }
      if (kind !== cancelled) {
        this.time = time;
        this.kind = kind;
        this.actor = this.actors[slot] as Actor;
        this.life = this.lives[slot] as number;
        this.a = this.as[slot] as number;
        this.b = this.bs[slot] as number;
        this.clock = this.clocks[slot] as number;
        this.body = this.bodies[slot] as Body;
        if (queue.member >= 0) this.tellApart(slot, queue.member);
      }
      if (!queue.more) this.release(slot);
      if (kind !== cancelled) return true;
    }
  }

  /** A timer has come up that was disarmed, or set anew, since its event was queued. */
  private comeLater(slot: number): void {
    const due = this.dues[slot] as number;
    if (due === Infinity) return this.release(slot);
    this.queued[slot] = due;
    this.queue.pushAs(due, this.orders[slot] as number, slot);
  }

  private tellApart(slot: number, member: number): void {
    if (slot !== this.lastSlot) {
      this.lastSlot = slot;
      this.lastMembers = this.ofBatches.get(slot) as Members;
    }
    const { actors, as, clocks, bodies } = this.lastMembers;
    if (actors !== undefined) this.actor = actors[member] as Actor;
    if (as !== undefined) this.a = as[member] as number;
    if (clocks !== undefined) this.clock = clocks[member] as number;
    if (bodies !== undefined) this.body = bodies[member] as Body;
  }

  private isDisarmed(slot: number): boolean {
    return this.kinds[slot] === kinds.timer && this.dues[slot] === Infinity;
  }

  /** Asked before an event is ordered. */
  private isVoid(slot: number): boolean {
    if (!this.isDisarmed(slot)) return false;
    this.putBack(slot);
    return true;
  }

  private take(kind: number, actor: Actor, life: number, a: number, b: number, clock: number, body: Body): number {
    const slot = this.free < 0 ? this.used++ : this.free;
    if (slot === this.kinds.length) this.grow();
    if (slot === this.free) this.free = this.as[slot] as number;
    this.kinds[slot] = kind;
    this.actors[slot] = actor;
    this.lives[slot] = life;
    this.as[slot] = a;
    this.bs[slot] = b;
    this.clocks[slot] = clock;
    this.bodies[slot] = body;
    return slot;
  }

  private release(slot: number): void {
    if (this.queue.member >= 0) {
      this.ofBatches.delete(slot);
      this.lastSlot = -1;
    }
    this.putBack(slot);
  }

  private putBack(slot: number): void {
    this.kinds[slot] = cancelled;
    this.bodies[slot] = null;
    this.as[slot] = this.free;
    this.free = slot;
  }

  private grow(): void {
    const capacity = this.kinds.length * 2;
    this.kinds = grown(this.kinds, new Uint8Array(capacity));
    this.actors = grown(this.actors, new Int32Array(capacity));
    this.lives = grown(this.lives, new Int32Array(capacity));
    this.as = grown(this.as, new Int32Array(capacity));
    this.bs = grown(this.bs, new Int32Array(capacity));
    this.clocks = grown(this.clocks, new Float64Array(capacity));
    this.queued = grown(this.queued, new Float64Array(capacity));
    this.dues = grown(this.dues, new Float64Array(capacity));
    this.orders = grown(this.orders, new Float64Array(capacity));
  }
}
