// A sweep under way: what its runs have given so far, which one comes next, and what it is told to be.
import type { RunRecord } from "../../../shared/scale/record.ts";
import { Schedule, type Slot } from "../../../shared/scale/schedule.ts";
import type { RunOrder } from "../../worker/order.ts";
import { virtualOrder } from "../engines/virtual.ts";
import type { Configuration } from "../settings/configuration.ts";
import type { Ledger } from "./ledger.ts";
import { type Cell, configurationAt, type Sweep } from "./sweep.ts";

export interface UnderWayOptions {
  readonly sweep: Sweep;
  readonly ledger: Ledger;
  /** Runs under way together. */
  readonly atOnce: number;
  /** A run has ended and is written down. */
  readonly onEnded: (schedule: Schedule) => void;
  readonly onNotice: (text: string) => void;
  readonly signal: AbortSignal;
}

export class UnderWay {
  readonly sweep: Sweep;
  readonly schedule: Schedule;
  /** In the order in which they ended. */
  readonly records: RunRecord[];
  readonly onNotice: UnderWayOptions["onNotice"];
  readonly signal: AbortSignal;
  readonly ledger: Ledger;
  private passedOver = 0;
  private readonly onEnded: UnderWayOptions["onEnded"];
  private readonly indexOf: ReadonlyMap<string, number>;

  constructor({ sweep, ledger, atOnce, onEnded, onNotice, signal }: UnderWayOptions) {
    const { cells, policy, memoryBytes } = sweep;
    this.sweep = sweep;
    this.ledger = ledger;
    this.onEnded = onEnded;
    this.onNotice = onNotice;
    this.signal = signal;
    this.indexOf = new Map(cells.map(({ key }, i) => [key, i]));
    this.schedule = new Schedule({ bytesOf: cells.map(({ cost }) => cost.bytes), policy, memoryBytes, atOnce });
    this.records = [...ledger.before];
    for (const record of ledger.before) this.schedule.end(this.slotOf(record), record.measures.completion_ns);
  }

  /** The next run; undefined if there is none for now, or if the sweep was interrupted. */
  next(): Slot | undefined {
    return this.signal.aborted ? undefined : this.schedule.next();
  }

  cellAt({ cell }: Slot): Cell {
    return this.sweep.cells[cell] as Cell;
  }

  seedAt({ repeat }: Slot): number {
    return this.sweep.firstSeed + repeat;
  }

  configurationAt(slot: Slot): Configuration {
    return configurationAt(this.cellAt(slot), this.seedAt(slot));
  }

  orderFor(slot: Slot, by: string): RunOrder {
    const { key } = this.cellAt(slot);
    return { cell: key, order: virtualOrder(this.configurationAt(slot), ""), alone: this.schedule.isAlone(slot.cell), by };
  }

  /** Counts and tells of a result that changes nothing. */
  passOver(text: string): void {
    this.passedOver++;
    this.onNotice(`passed over (${this.passedOver} so far): ${text}`);
  }

  /** Writes a run down, unless it was written down before. */
  end(record: RunRecord): void {
    if (!this.schedule.end(this.slotOf(record), record.measures.completion_ns)) return;
    this.ledger.append(record);
    this.records.push(record);
    this.onEnded(this.schedule);
  }

  private slotOf({ cell, seed }: RunRecord): Slot {
    const index = this.indexOf.get(cell);
    if (index === undefined) throw new Error(`"${cell}" is no cell of this sweep`);
    return { cell: index, repeat: seed - this.sweep.firstSeed };
  }
}
