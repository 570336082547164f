// Who is told of the end of a CPU's life: every actor, and every one that comes up later, by whoever can know (C5, R10).
import type { Actors, Living } from "./actors.ts";
import { type Agenda, classes, kinds } from "./agenda.ts";
import type { Outstanding } from "./outstanding.ts";

/** How long after a crash the supervisor notices it: process exit to notice, as a local supervisor sees it. */
export const deathNoticeNs = 100_000;

export class Deaths {
  private readonly agenda: Agenda;
  private readonly actors: Actors;
  private readonly outstanding: Outstanding;
  private readonly dead: Living[] = [];

  constructor(agenda: Agenda, actors: Actors, outstanding: Outstanding) {
    this.agenda = agenda;
    this.actors = actors;
    this.outstanding = outstanding;
  }

  /** All that live know of it at `at`. Where a CPU can die, none is in a crowd. */
  tellAll(dead: Living, at: number): void {
    this.dead.push(dead);
    for (const coordinator of this.actors.coordinators) this.tell(coordinator, dead, at);
    for (const cpu of this.actors.cpus) if (cpu?.alive === true) this.tell(cpu, dead, at);
  }

  /** It is told of all that were before it. */
  tellNewcomer(living: Living, at: number): void {
    for (const dead of this.dead) this.tell(living, dead, at);
  }

  private tell(to: Living, dead: Living, at: number): void {
    this.outstanding.ahead++;
    this.agenda.add(at, classes.message, kinds.died, to.actor, to.life, dead.actor, dead.life, dead.clock, null);
  }
}
