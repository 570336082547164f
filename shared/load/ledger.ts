// The books of a run: every request that was to arrive has been answered once, or waits, or is in service, or was lost with a dead CPU.
//
// The plan is drawn here a second time, and each answer is ticked off by its number, so that what lives tell of themselves is not taken
// on trust.
import { type ArrivalSource, firstArrival, passArrival } from "../kernel/requests/arrivals.ts";
import { column, rowLength } from "../kernel/requests/log.ts";
import type { LifeEnd } from "../kernel/requests/sink.ts";

export interface Balance {
  /** Arrivals of the plan up to the end of the run. */
  readonly arrived: number;
  readonly answered: number;
  /** At the end, on CPUs that live. */
  readonly queued: number;
  readonly inService: number;
  /** In the queue or in service when their CPU died, or arrived while it was down. */
  readonly lost: number;
  /** What does not add up, in words: empty if each request is in one place. */
  readonly problems: readonly string[];
}

/** Numbers ticked off, one bit each. */
class Ticks {
  count = 0;
  private bits = new Uint8Array(1024);

  /** False if it was ticked before. */
  tick(n: number): boolean {
    const byte = n >>> 3;
    if (byte >= this.bits.length) {
      const grown = new Uint8Array(Math.max(2 * this.bits.length, byte + 1));
      grown.set(this.bits);
      this.bits = grown;
    }
    const bit = 1 << (n & 7);
    const before = this.bits[byte] as number;
    this.bits[byte] = before | bit;
    if ((before & bit) !== 0) return false;
    this.count++;
    return true;
  }
}

/** So many problems are told of: the first ones say what is wrong. */
const problemLimit = 8;

export class Ledger {
  private readonly source: ArrivalSource;
  private readonly ticks: readonly Ticks[];
  private readonly lives: LifeEnd[] = [];
  private readonly problems: string[] = [];

  constructor(source: ArrivalSource) {
    this.source = source;
    this.ticks = Array.from({ length: source.cpus }, () => new Ticks());
  }

  answered(cpu: number, rows: Float64Array, count: number): void {
    const ticks = this.ticks[cpu] as Ticks;
    for (let at = 0; at < count * rowLength; at += rowLength) {
      const id = rows[at + column.id] as number;
      if (!ticks.tick(id)) this.complain(`request ${id} of cpu ${cpu} was answered twice`);
    }
  }

  lifeEnded(end: LifeEnd): void {
    this.lives.push(end);
  }

  /** `onArrival` is told of every arrival of the plan up to `endAt`. */
  balance(endAt: number, onArrival: (at: number) => void): Balance {
    let arrived = 0;
    let answered = 0;
    let lost = 0;
    let queued = 0;
    let inService = 0;
    for (let cpu = 0; cpu < this.source.cpus; cpu++) {
      const cursor = firstArrival(this.source, cpu);
      for (; cursor.nextAt <= endAt; passArrival(cursor, this.source)) onArrival(cursor.nextAt);
      const of = this.balanceOf(cpu, cursor.n);
      arrived += cursor.n;
      answered += of.answered;
      lost += of.lost;
      queued += of.queued;
      inService += of.inService;
    }
    return { arrived, answered, queued, inService, lost, problems: this.problems };
  }

  /** What came between two lives, or after the last, came to a CPU that was down. */
  private balanceOf(cpu: number, planned: number): Omit<Balance, "arrived" | "problems"> {
    const lives = this.lives.filter((life) => life.cpu === cpu).sort((a, b) => a.at - b.at);
    const answered = (this.ticks[cpu] as Ticks).count;
    let [lost, queued, inService, told, next] = [0, 0, 0, 0, 0];
    for (const life of lives) {
      lost += life.first - next;
      next = life.first + life.arrived;
      told += life.answered;
      if (life.died) lost += life.queued + life.inService;
      else {
        queued += life.queued;
        inService += life.inService;
      }
    }
    lost += planned - next;
    if (told !== answered) this.complain(`cpu ${cpu} counts ${told} answers, and handed ${answered} out`);
    if (Math.min(lost, queued, inService) < 0) this.complain(`cpu ${cpu}: fewer than none wait, are in service or lost`);
    const placed = answered + queued + inService + lost;
    if (placed !== planned) this.complain(`cpu ${cpu}: ${planned} arrived, but ${placed} are answered, waiting, in service or lost`);
    return { answered, queued, inService, lost };
  }

  private complain(problem: string): void {
    if (this.problems.length < problemLimit) this.problems.push(problem);
  }
}
