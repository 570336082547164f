// The armed timers of a virtual run: the event of each, by the life that set it.
import type { Actor } from "../machine/machine.ts";
import type { Acting, Actors } from "./actors.ts";
import { type Agenda, classes, kinds } from "./agenda.ts";

const unarmed = -1;

export class Timers {
  private readonly agenda: Agenda;
  private readonly actors: Actors;
  /** The event of each timer of each life, in the order of its machine's timers; `unarmed` of most. */
  private armed: Int32Array;

  constructor(agenda: Agenda, actors: Actors, lives: number) {
    this.agenda = agenda;
    this.actors = actors;
    this.armed = new Int32Array(lives * actors.timersOfALife).fill(unarmed);
  }

  /** Which of the timers of its machine has this name. */
  numberOf(actor: Actor, name: string): number {
    return this.actors.timersOf(actor).indexOf(name);
  }

  /** Replaces the timer of this number, if it is armed. */
  set(living: Acting, timer: number, at: number): void {
    const place = this.placeOf(living, timer);
    const slot = this.slotAt(place);
    if (slot !== unarmed) {
      if (this.agenda.rearm(slot, at)) return;
      this.agenda.disarm(slot);
    }
    this.armed[place] = this.agenda.add(at, classes.timer, kinds.timer, living.actor, living.life, timer, place, 0, null);
  }

  cancel(living: Acting, timer: number): void {
    const slot = this.slotAt(this.placeOf(living, timer));
    if (slot !== unarmed) this.agenda.disarm(slot);
  }

  /** It has come, and is armed no more. Returns its name. */
  fired(living: Acting, timer: number): string {
    this.armed[this.placeOf(living, timer)] = unarmed;
    return this.actors.timersOf(living.actor)[timer] as string;
  }

  /** It has come to one who cannot take it yet, for whom it is the event `slot` now. */
  putOff(living: Acting, timer: number, slot: number): void {
    this.armed[this.placeOf(living, timer)] = slot;
  }

  /** The event that was added last for this timer, if it has not come up since. */
  private slotAt(place: number): number {
    const slot = this.armed[place] as number;
    return slot !== unarmed && this.agenda.isTimer(slot, place) ? slot : unarmed;
  }

  private placeOf(living: Acting, timer: number): number {
    const place = living.timers + timer;
    if (place >= this.armed.length) {
      const more = new Int32Array(2 * (place + 1)).fill(unarmed);
      more.set(this.armed);
      this.armed = more;
    }
    return place;
  }
}
