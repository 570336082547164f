// Entries back to the turns and faults that they were written from.
import { actorName } from "../machine/machine.ts";
import type { AnyInput, AnyOutput, FaultApplied, TurnTaken } from "../protocol/observer.ts";
import type { Entry } from "./entry.ts";

/** A turn with the entries that it was read from, for whoever has to name one of them. */
export interface RecordedTurn extends TurnTaken {
  readonly entries: readonly Entry[];
}

export interface TurnVisitor {
  readonly turn: (turn: RecordedTurn) => void;
  readonly fault: (fault: FaultApplied) => void;
}

/** An entry that belongs to no turn: its input is missing. */
export class OrphanEntry extends Error {
  override readonly name = "OrphanEntry";
  readonly entry: Entry;

  constructor(entry: Entry) {
    super(`entry ${entry.seq} of ${actorName(entry.actor)} (clock ${entry.clock}) is an ${entry.kind} of no recorded input`);
    this.entry = entry;
  }
}

const outputOf = (entry: Entry): AnyOutput => {
  if (entry.kind === "fact") return { kind: "announce", fact: entry.body };
  if (entry.kind === "output") return entry.body;
  throw new OrphanEntry(entry);
};

/**
 * Groups each input with what came of it. The entries of a turn stand one after the other, in the order of any one writer as
 * well as merged, since all of them bear the turn's clock.
 */
export class TurnReader {
  private readonly visitor: TurnVisitor;
  private open: Entry[] = [];

  constructor(visitor: TurnVisitor) {
    this.visitor = visitor;
  }

  push(entry: Entry): void {
    if (entry.kind === "fault") {
      this.finish();
      const { at, clock, actor, body } = entry;
      this.visitor.fault({ at, clock, actor, ...body });
    } else if (entry.kind === "input") {
      this.finish();
      this.open = [entry];
    } else {
      const [input] = this.open;
      if (input === undefined || input.actor !== entry.actor || input.clock !== entry.clock) throw new OrphanEntry(entry);
      this.open.push(entry);
    }
  }

  /** After the last entry. */
  finish(): void {
    const [first, ...rest] = this.open;
    if (first?.kind !== "input") return;
    const { actor, clock, at } = first;
    // The union's members differ in their body only, and the time is common to all.
    const input = { ...first.body, at } as AnyInput;
    this.visitor.turn({ actor, clock, input, outputs: rest.map(outputOf), entries: this.open });
    this.open = [];
  }
}
