// Where a worker makes its runs: a thread beside the one that talks to the queue, made anew after it failed.
import type { RunRecord } from "../../shared/scale/record.ts";
import { Hand } from "../cli/threads/crew.ts";
import type { RunOrder } from "./order.ts";

export const runThread = new URL("./runThread.ts", import.meta.url);

export class Bench {
  private readonly flag = new Int32Array(new SharedArrayBuffer(4));
  private readonly heap: number;
  private hand: Hand<RunOrder, RunRecord | null> | undefined;

  /** In megabytes. */
  constructor(heap: number) {
    this.heap = heap;
  }

  /** Null if it was stopped. Rejects if the run cannot be made. */
  async run(order: RunOrder): Promise<RunRecord | null> {
    Atomics.store(this.flag, 0, 0);
    this.hand ??= new Hand(runThread, { data: null, stop: this.flag }, this.heap);
    try {
      return await this.hand.ask(order);
    } catch (error) {
      this.hand = undefined;
      throw error;
    }
  }

  /** What is under way gives null soon. */
  stop(): void {
    Atomics.store(this.flag, 0, 1);
  }

  async end(): Promise<void> {
    await this.hand?.end();
  }
}
