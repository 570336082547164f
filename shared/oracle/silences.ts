// The times when no coordinator was heard: what a run waited for while no CPU was to blame (C9).
//
// No fact tells of a coordinator's crash, so a silence begins with the last word of the life that was replaced, or with the last answer
// to it, and ends when the next life takes its term. A life that speaks again after that was not lost but deposed.
import type { Handlers } from "./monitor.ts";

export class Silences<Place> {
  /** By the life that fell silent: for how long, and where the run was. */
  private readonly byLife = new Map<number, { readonly ns: number; readonly place: Place }>();
  private readonly placeNow: () => Place;
  private life = -1;
  private lastAt = 0;
  private finished = false;

  constructor(placeNow: () => Place) {
    this.placeNow = placeNow;
  }

  /** A CPU has done what it was asked. */
  answered(at: number): void {
    this.lastAt = Math.max(this.lastAt, at);
  }

  found(): ReadonlyArray<{ readonly ns: number; readonly place: Place }> {
    return [...this.byLife.values()];
  }

  private readonly speaks = ({ life }: { readonly life: number }, at: number): void => {
    this.byLife.delete(life);
    if (life === this.life) this.answered(at);
  };

  readonly on: Handlers = {
    took: ({ life }, at) => {
      // Whoever had nothing left to do is not missed.
      if (this.life >= 0 && !this.finished && at > this.lastAt) {
        this.byLife.set(this.life, { ns: at - this.lastAt, place: this.placeNow() });
      }
      this.life = life;
      this.lastAt = at;
      this.finished = false;
    },
    finished: (fact, at) => {
      this.speaks(fact, at);
      if (fact.life === this.life) this.finished = true;
    },
    admitted: this.speaks,
    opened: this.speaks,
    asked: this.speaks,
    "round-ended": this.speaks,
    decided: this.speaks,
    closed: this.speaks,
    died: this.speaks,
    "stood-down": this.speaks,
    disregarded: this.speaks,
  };
}
