// What is to be run: one run of a sweep's cell, settled to its last number, so that nothing of the sender's disk is needed.
import type { VirtualOrder } from "../cli/engines/virtualRun.ts";

export interface RunOrder {
  /** The cell's key. */
  readonly cell: string;
  readonly order: Omit<VirtualOrder, "stop">;
  /** True if nothing else runs in the same process. */
  readonly alone: boolean;
  /** Whom the record is to name. */
  readonly by: string;
}
