// Several processes' journals as one, in an order in which causes stand before effects; and what is missing from them.
import { actorName } from "../machine/machine.ts";
import type { Entry } from "./entry.ts";

/** By clock, actor and number; a fault after the turn at whose clock it struck. */
const inOrder = (a: Entry, b: Entry): number =>
  a.clock - b.clock || a.actor - b.actor || Number(a.kind === "fault") - Number(b.kind === "fault") || a.seq - b.seq;

/** Entries that were written and are not there. */
export interface Gap {
  readonly actor: number;
  readonly clock: number;
  readonly message: string;
}

/**
 * Watches the numbers of each actor's entries, in order: 0, 1, 2, ..., and 0 again when a new life begins. What the last moments
 * of a killed process would have been it cannot know; but those had not left the process either.
 */
export class GapWatch {
  readonly gaps: Gap[] = [];
  private readonly last = new Map<string, Entry>();

  see(entry: Entry): void {
    const { actor, seq, clock, kind } = entry;
    const series = kind === "fault" ? "fault" : "entry";
    const key = `${series} ${actor}`;
    const before = this.last.get(key);
    this.last.set(key, entry);
    const gap = (message: string): void => {
      this.gaps.push({ actor, clock, message: `the journal of ${actorName(actor)} ${message}` });
    };
    // A lower number at a later clock is of a new life; at the same clock it is there twice.
    const isNewLife = before === undefined || (clock > before.clock && seq <= before.seq);
    const expected = isNewLife ? 0 : before.seq + 1;
    if (before !== undefined && clock < before.clock) gap(`goes back from clock ${before.clock} to ${clock} at ${series} ${seq}`);
    else if (seq === expected) return;
    else if (seq < expected) gap(`has ${series} ${seq} again after ${series} ${expected - 1}`);
    else
      gap(
        `lacks ${seq - expected === 1 ? `${series} ${expected}` : `its ${seq - expected} ${series === "entry" ? "entries" : "faults"} ${expected} to ${seq - 1}`}`,
      );
  }
}

/**
 * Puts the entries of several processes into one order as they are read. A process's clock never goes back, so that what is older than the
 * last entry read of each of them has nothing to come before it: only what is newer is kept.
 */
export class Merge {
  private readonly visit: (entry: Entry) => void;
  private readonly watch = new GapWatch();
  private readonly waiting: Entry[][];
  /** The latest clock of each part; Infinity of one that has been read to its end. */
  private readonly readTo: number[];

  constructor(parts: number, visit: (entry: Entry) => void) {
    this.visit = visit;
    this.waiting = Array.from({ length: parts }, () => []);
    this.readTo = this.waiting.map(() => -1);
  }

  push(part: number, entry: Entry): void {
    this.waiting[part]?.push(entry);
    this.readTo[part] = entry.clock;
  }

  end(part: number): void {
    this.readTo[part] = Infinity;
  }

  /** Hands on what is certain by now. Returns the part that has to be read on before there is more; -1 when all is told. */
  settle(): number {
    const until = Math.min(...this.readTo);
    const ready = this.waiting.flatMap((entries, part) => {
      const first = entries.findIndex(({ clock }) => clock >= until);
      const [told, kept] = first < 0 ? [entries, []] : [entries.slice(0, first), entries.slice(first)];
      this.waiting[part] = kept;
      return told;
    });
    for (const entry of ready.sort(inOrder)) {
      this.watch.see(entry);
      this.visit(entry);
    }
    return until === Infinity ? -1 : this.readTo.indexOf(until);
  }

  get gaps(): readonly Gap[] {
    return this.watch.gaps;
  }
}

export interface Merged {
  readonly entries: readonly Entry[];
  readonly gaps: readonly Gap[];
}

/** The entries of each process as one, where all of them are at hand. */
export const mergeParts = (parts: ReadonlyArray<readonly Entry[]>): Merged => {
  const entries: Entry[] = [];
  const merge = new Merge(parts.length, (entry) => entries.push(entry));
  for (const [part, its] of parts.entries()) {
    for (const entry of its) merge.push(part, entry);
    merge.end(part);
  }
  merge.settle();
  return { entries, gaps: merge.gaps };
};
