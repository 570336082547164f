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

export interface Merged {
  readonly entries: readonly Entry[];
  readonly gaps: readonly Gap[];
}

/** The entries of each process as one. */
export const mergeParts = (parts: ReadonlyArray<readonly Entry[]>): Merged => {
  const entries = parts.flat().sort(inOrder);
  const watch = new GapWatch();
  for (const entry of entries) watch.see(entry);
  return { entries, gaps: watch.gaps };
};
