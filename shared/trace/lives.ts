// Who lived when, as a journal tells it: a message to somebody who is dead is not a lost one.
import { type Actor, coordinatorActor, isCoordinator } from "../machine/machine.ts";

/** Effects of faults after which an actor takes no further input. */
const endings: readonly string[] = ["crash", "kill", "unplug"];

export const isEnding = (effect: string): boolean => endings.includes(effect);

interface Absence {
  readonly from: number;
  until: number;
}

export class Lives {
  private readonly alive = new Set<Actor>();
  /** Those of them that are asked for at every message. */
  private living: readonly Actor[] = [];
  private readonly absences = new Map<Actor, Absence[]>();

  starts(actor: Actor, at: number): void {
    this.alive.add(actor);
    if (isCoordinator(actor) && !this.living.includes(actor)) this.living = [...this.living, actor];
    const last = this.absences.get(actor)?.at(-1);
    if (last !== undefined) last.until = Math.min(last.until, at);
  }

  /** A death that is told again changes nothing. */
  ends(actor: Actor, at: number): void {
    if (!this.alive.delete(actor)) return;
    this.living = this.living.filter((one) => one !== actor);
    const before = this.absences.get(actor) ?? [];
    this.absences.set(actor, [...before, { from: at, until: Number.POSITIVE_INFINITY }]);
  }

  /** True if the actor was dead at some time from `from` to `until`. */
  wasDead(actor: Actor, from: number, until: number): boolean {
    return this.absences.get(actor)?.some((absence) => absence.from <= until && from < absence.until) ?? false;
  }

  /** Those that live; if none does, the one that lived last or will live first, which is meant. */
  coordinators(): readonly Actor[] {
    if (this.living.length > 0) return this.living;
    return [[...this.absences.keys()].filter(isCoordinator).at(-1) ?? coordinatorActor(0)];
  }
}
