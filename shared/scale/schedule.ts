// Which run of a sweep comes next: cell by cell, as often as the policy says, and no more at once than fit into the memory.
import { type Policy, runsWanted } from "./policy.ts";

/** One run: of which cell, and on which of the seeds, both from 0. */
export interface Slot {
  readonly cell: number;
  readonly repeat: number;
}

export interface ScheduleOptions {
  /** What one run of each cell is expected to need, in bytes. */
  readonly bytesOf: readonly number[];
  readonly policy: Policy;
  /** For all runs that are under way together. One that needs more than half of it runs alone. */
  readonly memoryBytes: number;
  /** Runs under way together. */
  readonly atOnce: number;
}

/** What the runs of one cell gave: null where there was nothing to measure, undefined where none has ended. */
type Values = Array<number | null | undefined>;

export class Schedule {
  /** Runs that have ended. */
  done = 0;
  private readonly options: ScheduleOptions;
  private readonly values: readonly Values[];
  private readonly wanted: number[];
  private readonly running = new Map<string, Slot>();
  private runningBytes = 0;
  private alone = false;
  /** All cells before this one have what they want. */
  private first = 0;

  constructor(options: ScheduleOptions) {
    this.options = options;
    this.values = options.bytesOf.map(() => []);
    this.wanted = options.bytesOf.map(() => runsWanted(options.policy, []));
  }

  /** Runs that the sweep has, as far as is known. */
  get planned(): number {
    return this.wanted.reduce((sum, runs) => sum + runs, 0);
  }

  /** What `next` gave and what has not ended. */
  get underWay(): readonly Slot[] {
    return [...this.running.values()];
  }

  /** True once every cell has what it wants. */
  get isOver(): boolean {
    return this.first === this.values.length;
  }

  /** True for a cell beside whose runs nothing else is under way. */
  isAlone(cell: number): boolean {
    const { atOnce, memoryBytes, bytesOf } = this.options;
    return atOnce === 1 || 2 * (bytesOf[cell] as number) > memoryBytes;
  }

  wantedOf(cell: number): number {
    return this.wanted[cell] as number;
  }

  /** The next run; undefined if there is none for now. */
  next(): Slot | undefined {
    const { atOnce, memoryBytes, bytesOf } = this.options;
    if (this.running.size >= atOnce) return undefined;
    for (let cell = this.first; cell < bytesOf.length; cell++) {
      const repeat = this.openRepeatOf(cell);
      if (repeat === undefined) continue;
      const bytes = bytesOf[cell] as number;
      // Those that follow need no less.
      if (this.running.size > 0 && (this.alone || this.isAlone(cell) || this.runningBytes + bytes > memoryBytes)) return undefined;
      this.running.set(nameOf({ cell, repeat }), { cell, repeat });
      this.runningBytes += bytes;
      this.alone = this.isAlone(cell);
      return { cell, repeat };
    }
    return undefined;
  }

  /** A run has ended: one that `next` gave, or one of a former process. False if it had ended before. */
  end(slot: Slot, value: number | null): boolean {
    const { cell, repeat } = slot;
    if (this.running.delete(nameOf(slot))) this.runningBytes -= this.options.bytesOf[cell] as number;
    const values = this.values[cell] as Values;
    if (values[repeat] !== undefined) return false;
    values[repeat] = value;
    this.done++;
    // Only what is complete is looked at.
    if (this.isClosed(cell)) this.wanted[cell] = runsWanted(this.options.policy, values);
    while (this.first < this.wanted.length && this.isClosed(this.first)) this.first++;
    return true;
  }

  isClosed(cell: number): boolean {
    const values = this.values[cell] as Values;
    for (let repeat = 0; repeat < this.wantedOf(cell); repeat++) if (values[repeat] === undefined) return false;
    return true;
  }

  private openRepeatOf(cell: number): number | undefined {
    const values = this.values[cell] as Values;
    for (let repeat = 0; repeat < this.wantedOf(cell); repeat++)
      if (values[repeat] === undefined && !this.running.has(nameOf({ cell, repeat }))) return repeat;
    return undefined;
  }
}

const nameOf = ({ cell, repeat }: Slot): string => `${cell} ${repeat}`;
